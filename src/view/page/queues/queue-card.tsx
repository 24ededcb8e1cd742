// One queue: its jobs by state, the age of the oldest, its dead letters.
import { useState } from 'preact/hooks';
import type { QueueSummary } from '../../api.js';
import { Figure, OLD_SECONDS } from '../parts/figure.js';
import { lineText, numberText, secondsText, timeText } from '../parts/text.js';
import { DeadLetters } from './dead-letters.js';

export function QueueCard({ queue }: { readonly queue: QueueSummary }) {
  const [isOpen, setOpen] = useState(false);
  const { name, depth, oldestAgeSeconds, activeAgeSeconds, deadLetters, t } = queue;
  const title = lineText(name);
  return (
    <section class={isOpen ? 'card queue open' : 'card queue'} data-card="" tabIndex={-1} aria-label={`Queue ${title}`}>
      <h2>
        {title} <span class="dim">at {timeText(t)}</span>
      </h2>
      <dl class="numbers">
        {Object.entries(depth).map(([state, count]) => (
          <Figure key={state} name={state} text={numberText(count)} />
        ))}
        {oldestAgeSeconds === undefined ? null : (
          <Figure name="oldest waits" text={secondsText(oldestAgeSeconds)} isAlarming={oldestAgeSeconds > OLD_SECONDS} />
        )}
        {activeAgeSeconds === undefined ? null : (
          <Figure name="oldest active" text={secondsText(activeAgeSeconds)} isAlarming={activeAgeSeconds > OLD_SECONDS} />
        )}
        {deadLetters === undefined ? null : <Figure name="dead letters" text={numberText(deadLetters)} isAlarming={deadLetters > 0} />}
      </dl>
      <button type="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        Dead letters
      </button>
      {isOpen ? <DeadLetters queue={name} /> : null}
    </section>
  );
}
