// The breakers as they are at this moment.
import type { BreakerNow } from '../../observe/live-state.js';
import { type BreakerRegistry, liveBreakers } from './breaker-registry.js';
import { CLOSED, STATES } from './outcome.js';

export function breakersNow(registry: BreakerRegistry): BreakerNow[] {
  return [...registry.circuits].flatMap((circuit) =>
    [...liveBreakers(circuit)].map(({ states }) => {
      const { current } = states;
      const probeAt = current === CLOSED ? undefined : states.nextProbeAt;
      return {
        name: circuit.stats.name,
        state: current === undefined ? 'shut down' : (STATES[current] ?? 'unknown'),
        nextProbeIn: probeAt === undefined ? undefined : Math.max(0, (probeAt.getTime() - Date.now()) / 1000),
      };
    }),
  );
}
