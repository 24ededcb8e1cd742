// The page Queues and breakers.
import { signal } from '@preact/signals';
import type { QueuesAnswer } from '../../api.js';
import { ask } from '../parts/api-client.js';
import { useCardShortcuts } from '../parts/card-keys.js';
import { generation } from '../parts/live.js';
import { useLiveRefresher } from '../parts/refresh.js';
import { BreakerTimelines } from './breaker-timelines.js';
import { QueueCard } from './queue-card.js';

const queues = signal<QueuesAnswer | undefined>(undefined);
const failure = signal('');
const REFRESH_MS = 2_000;

export function QueuesPage() {
  useCardShortcuts();
  useLiveRefresher(fetchQueues, ({ metrics }) => metrics > 0, String(generation.value), REFRESH_MS);
  const answer = queues.value;
  return (
    <main class="page">
      <div class="scroll wide-view">
        <h1>Queues and breakers</h1>
        {failure.value === '' ? null : <p class="error">{failure.value}</p>}
        {answer !== undefined && answer.queues.length + answer.breakers.length === 0 ? <None /> : null}
        <div class="cards">
          {answer?.queues.map((queue) => (
            <QueueCard key={queue.name} queue={queue} />
          ))}
        </div>
        {answer === undefined || answer.breakers.length === 0 ? null : <BreakerTimelines breakers={answer.breakers} />}
      </div>
    </main>
  );
}

function fetchQueues(signal: AbortSignal): Promise<void> {
  return ask<QueuesAnswer>('/api/queues', signal, failure, (answer) => {
    queues.value = answer;
  });
}

function None() {
  return (
    <p class="dim">
      Nothing is known of queues and circuit breakers: this page is made of their metrics. Apps push them with{' '}
      <code>OTEL_METRICS_EXPORTER=otlp</code>, or <code>sietch-otel view --scrape http://127.0.0.1:9464/metrics</code> reads them.
    </p>
  );
}
