// Queues and circuit breakers as their metrics tell of them: received by OTLP, or scraped, where
// names and labels have underscores.

import type { ApiPoint, BreakerState, BreakerSummary, QueueSummary } from './api.js';
import type { MetricHistory } from './metric-history.js';
import type { MetricSeries } from './metric-series.js';
import type { Attributes } from './telemetry.js';

const NAMES = {
  depth: ['sietch.queue.depth', 'sietch_queue_depth'],
  oldestAge: ['sietch.queue.oldest_waiting.age', 'sietch_queue_oldest_waiting_age_seconds'],
  activeAge: ['sietch.queue.active.age', 'sietch_queue_active_age_seconds'],
  deadLetters: ['sietch.queue.dlq.depth', 'sietch_queue_dlq_depth'],
  breaker: ['sietch.circuit_breaker.state', 'sietch_circuit_breaker_state'],
} as const;
/** Labels as they are now, as Prometheus has them, and as release 0.1 had them. */
const LABELS = {
  queue: ['messaging.destination.name', 'messaging_destination_name'],
  jobState: ['sietch.queue.job.state', 'sietch_queue_job_state', 'state'],
  breaker: ['sietch.circuit_breaker.name', 'sietch_circuit_breaker_name', 'name'],
} as const;

/** As `sietch.circuit_breaker.state` counts them. */
const BREAKER_STATES = new Map<number | null | undefined, BreakerState>([
  [0, 'closed'],
  [0.5, 'half-open'],
  [1, 'open'],
]);
const MAX_QUEUES = 200;
const MAX_CHANGES = 200;

interface Reading {
  readonly value: number;
  readonly t: string;
}

/** By name. Several processes read the same queue: the newest reading counts. */
export function summarizeQueues(metrics: MetricHistory): QueueSummary[] {
  const depths = newest(metrics, NAMES.depth, ({ attributes }) => labelOf(attributes, LABELS.jobState));
  const single = (names: readonly string[]) => newest(metrics, names, () => '');
  const oldestAge = single(NAMES.oldestAge);
  const activeAge = single(NAMES.activeAge);
  const deadLetters = single(NAMES.deadLetters);
  const names = new Set([depths, oldestAge, activeAge, deadLetters].flatMap((each) => [...each.keys()]));
  return [...names]
    .sort()
    .slice(0, MAX_QUEUES)
    .map((name) => {
      const states = depths.get(name) ?? new Map<string, Reading>();
      const oldest = oldestAge.get(name)?.get('');
      const active = activeAge.get(name)?.get('');
      const dead = deadLetters.get(name)?.get('');
      const times = [...states.values(), oldest, active, dead].flatMap((reading) => (reading === undefined ? [] : [BigInt(reading.t)]));
      return {
        name,
        depth: Object.fromEntries([...states].map(([state, { value }]) => [state, value])),
        ...(oldest === undefined ? {} : { oldestAgeSeconds: oldest.value }),
        ...(active === undefined ? {} : { activeAgeSeconds: active.value }),
        ...(dead === undefined ? {} : { deadLetters: dead.value }),
        t: times.reduce((latest, time) => (time > latest ? time : latest), 0n).toString(),
      };
    });
}

/** The newest reading of each queue, by what `keyOf` says of a series. */
function newest(
  metrics: MetricHistory,
  names: readonly string[],
  keyOf: (series: MetricSeries) => string,
): Map<string, Map<string, Reading>> {
  const queues = new Map<string, Map<string, Reading>>();
  for (const series of names.flatMap((name) => metrics.series(name))) {
    const { attributes } = series;
    const queue = labelOf(attributes, LABELS.queue);
    const point = series.points.at(-1);
    if (queue === '' || typeof point?.value !== 'number') continue;
    const readings = queues.get(queue) ?? new Map<string, Reading>();
    queues.set(queue, readings);
    const key = keyOf(series);
    const known = readings.get(key);
    if (known === undefined || BigInt(known.t) < BigInt(point.t)) readings.set(key, { value: point.value, t: point.t });
  }
  return queues;
}

/** By name and service; each process has breakers of its own. */
export function summarizeBreakers(metrics: MetricHistory): BreakerSummary[] {
  const series = NAMES.breaker.flatMap((name) => metrics.series(name)).slice(0, MAX_QUEUES);
  const summaries = series.map(({ attributes, service, points }) => ({
    name: labelOf(attributes, LABELS.breaker),
    service,
    states: changes(points),
  }));
  return summaries.sort((left, right) => left.name.localeCompare(right.name) || left.service.localeCompare(right.service));
}

function changes(points: readonly ApiPoint[]): BreakerSummary['states'] {
  const states: { t: string; state: BreakerState }[] = [];
  for (const { t, value } of points) {
    const state = BREAKER_STATES.get(value) ?? 'unknown';
    if (states.at(-1)?.state !== state) states.push({ t, state });
  }
  return states.slice(-MAX_CHANGES);
}

function labelOf(attributes: Attributes, names: readonly string[]): string {
  const value = names.map((name) => attributes[name]).find((each) => each !== undefined);
  return typeof value === 'string' ? value : '';
}
