// The page Queues and breakers.
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { QueuesAnswer } from '../../api.js';
import { explain, getJson } from '../parts/api-client.js';
import { useCardShortcuts } from '../parts/card-keys.js';
import { generation, onAdded } from '../parts/live.js';
import { useRefresher } from '../parts/refresh.js';
import { BreakerTimelines } from './breaker-timelines.js';
import { QueueCard } from './queue-card.js';

const queues = signal<QueuesAnswer | undefined>(undefined);
const failure = signal('');
const REFRESH_MS = 2_000;

export function QueuesPage() {
  useCardShortcuts();
  const refresher = useRefresher(fetchQueues, String(generation.value), REFRESH_MS);
  useEffect(
    () =>
      onAdded(({ metrics }) => {
        if (metrics > 0) refresher.request();
      }),
    [],
  );
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

async function fetchQueues(signal: AbortSignal): Promise<void> {
  try {
    const answer = await getJson<QueuesAnswer>('/api/queues', signal);
    if (signal.aborted) return;
    queues.value = answer;
    failure.value = '';
  } catch (error) {
    if (!signal.aborted) failure.value = explain(error);
  }
}

function None() {
  return (
    <p class="dim">
      Nothing is known of queues and circuit breakers: this page is made of their metrics. Apps push them with{' '}
      <code>OTEL_METRICS_EXPORTER=otlp</code>, or <code>sietch-otel view --scrape http://127.0.0.1:9464/metrics</code> reads them.
    </p>
  );
}
