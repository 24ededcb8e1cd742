// The states of circuit breakers over time, one line each.
import type { BreakerSummary } from '../../api.js';
import { serviceStyle } from '../parts/service-color.js';
import { lineText, millisecondsOf, secondsText, timeText } from '../parts/text.js';

/** Changes drawn of one breaker, the latest. */
const MAX_STATES = 300;

export function BreakerTimelines({ breakers }: { readonly breakers: readonly BreakerSummary[] }) {
  const to = Date.now();
  const from = breakers.reduce((first, { states }) => Math.min(first, millisecondsOf(states[0]?.t ?? '') || first), to - 1_000);
  return (
    <section aria-label="Circuit breakers">
      <h2>Circuit breakers</h2>
      <ul class="breakers">
        {breakers.map((breaker) => (
          <BreakerLine key={`${breaker.service} ${breaker.name}`} breaker={breaker} from={from} to={to} />
        ))}
      </ul>
      <p class="breaker-axis dim">
        <span>{new Date(from).toLocaleTimeString('en-GB')}</span>
        <span class="legend">
          <span class="state closed" /> closed <span class="state half-open" /> half-open <span class="state open" /> open
        </span>
        <span>now</span>
      </p>
    </section>
  );
}

function BreakerLine({ breaker, from, to }: { readonly breaker: BreakerSummary; readonly from: number; readonly to: number }) {
  const states = breaker.states.slice(-MAX_STATES);
  const last = states.at(-1);
  const present = last?.state ?? 'unknown';
  const since = last === undefined ? 0 : to - millisecondsOf(last.t);
  const share = (t: string): number => Math.min(1, Math.max(0, (millisecondsOf(t) - from) / Math.max(1, to - from)));
  return (
    <li class="breaker" data-card="" tabIndex={-1}>
      <span class="name">
        <b>{lineText(breaker.name)}</b>{' '}
        <span class="dot dim" style={serviceStyle(breaker.service)}>
          {lineText(breaker.service)}
        </span>
      </span>
      <span class={`now ${present}`}>
        {present} <span class="dim">{secondsText(since / 1e3)}</span>
      </span>
      <span class="states">
        {states.map(({ t, state }, index) => {
          const left = share(t);
          const next = states[index + 1];
          const right = next === undefined ? 1 : share(next.t);
          return (
            <span
              key={`${t} ${state}`}
              class={`state ${state}`}
              style={{ left: `${left * 100}%`, width: `${(right - left) * 100}%` }}
              title={`${state} from ${timeText(t)}`}
            />
          );
        })}
      </span>
    </li>
  );
}
