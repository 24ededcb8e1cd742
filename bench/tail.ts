// How long requests take under a constant rate, which does not wait for answers: half and four fifths of what bare does at most.

import { compare, type Effort } from './comparison.ts';
import type { Comparison } from './record.ts';
import { type Row, SCENARIOS, type Scenario } from './scenarios.ts';
import { type Line, say } from './session.ts';
import { percentile } from './statistics.ts';
import { type Measurement, runWorkload, WARM_UP_SECONDS } from './workload.ts';

const SHARES = [0.5, 0.8];
/** At once, before those at the rate. */
const WARM_UP = 2500;
const SECONDS: readonly [number, number] = [4, 3];

export async function measureTail(line: Line, effort: Effort): Promise<Comparison> {
  const service = SCENARIOS.find(({ name }) => name === 'endpoint');
  const bare = line.candidates.find(({ name }) => name === 'bare');
  if (service === undefined || bare === undefined) throw new Error('neither service nor bare');
  const { wallMs, operations } = await runWorkload(bare, service, line.place(bare));
  const capacity = (operations * 1000) / wallMs;
  say(`bare does ${capacity.toFixed(0)} requests a second`);
  return compare(
    line,
    SHARES.map((share) => atRate(service, share, capacity)),
    effort,
  );
}

function atRate(service: Scenario, share: number, capacity: number): Scenario {
  const perSecond = Math.round(capacity * share);
  const title = (what: string) => `${share * 100} %, ${perSecond} a second: ${what}`;
  const latency = (name: string, of: number): Row => ({
    title: title(name),
    unit: 'ms',
    digits: 2,
    against: 'factor',
    value: ({ latencies }) =>
      percentile(
        latencies.toSorted((a, b) => a - b),
        of,
      ),
  });
  const watched = (name: string, of: keyof NonNullable<Measurement['watched']>): Row => ({
    title: title(name),
    unit: 'ms',
    digits: 2,
    value: (measurement) => measurement.watched?.[of] ?? Number.NaN,
  });
  return {
    ...service,
    name: `tail-${share * 100}`,
    perSecond,
    warmUp: [WARM_UP + perSecond * WARM_UP_SECONDS, service.warmUp[1]],
    requests: [perSecond * SECONDS[0], perSecond * SECONDS[1]],
    connections: 64,
    env: { WATCH: '1' },
    rows: [
      latency('p50', 0.5),
      latency('p99', 0.99),
      latency('p99.9', 0.999),
      watched('event loop late, p99', 'loopP99'),
      watched('event loop late, at most', 'loopMax'),
      watched('garbage collection, in all', 'collected'),
      watched('garbage collection, longest', 'longestCollection'),
    ],
  };
}
