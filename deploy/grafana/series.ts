// Names of Prometheus series for dashboards and alerts, only ever made from a name that a names.ts declares.

import { emittedNames } from '../../src/catalog/emitted-names.ts';
import type { EmittedMetric } from '../../src/config/emitted-name.ts';
import { type FamilyType, familyName } from '../../src/prometheus/family-name.ts';

const TYPES: Readonly<Record<EmittedMetric['instrument'], FamilyType>> = {
  counter: 'counter',
  'observable counter': 'counter',
  'up-down counter': 'up-down counter',
  'observable up-down counter': 'up-down counter',
  histogram: 'histogram',
  gauge: 'gauge',
  'observable gauge': 'gauge',
};

/**
 * The series of a declared metric: `sietch.queue.jobs` → `sietch_queue_jobs_total`.
 * @throws {Error} when no names.ts declares the metric.
 */
export function series(name: string): string {
  const metric = Object.values(emittedNames)
    .flat()
    .find((each): each is EmittedMetric => each.type === 'metric' && each.name === name);
  if (metric === undefined) throw new Error(`no names.ts declares the metric ${name}`);
  const type = TYPES[metric.instrument];
  return `${familyName(metric.name, metric.unit, type)}${type === 'counter' ? '_total' : ''}`;
}

/** `histogram_quantile` over the buckets of a declared histogram, by `labels`. */
export function quantile(q: number, name: string, labels: readonly string[], matchers = ''): string {
  return `histogram_quantile(${q}, sum by (${['le', ...labels].join(', ')}) (rate(${series(name)}_bucket${matchers}[$__rate_interval])))`;
}

/** Rate a second of a declared counter, or of a histogram's count, by `labels`. */
export function rate(name: string, labels: readonly string[], matchers = ''): string {
  return `${sumBy(labels)} (rate(${series(name)}${matchers}[$__rate_interval]))`;
}

/** Rate a second of what a declared histogram counted. */
export function countRate(name: string, labels: readonly string[], matchers = ''): string {
  return `${sumBy(labels)} (rate(${series(name)}_count${matchers}[$__rate_interval]))`;
}

function sumBy(labels: readonly string[]): string {
  return labels.length === 0 ? 'sum' : `sum by (${labels.join(', ')})`;
}

/** Matches commands but those that wait for something to come, as workers of a queue do: their time is no slowness. */
export const NOT_BLOCKING = 'db_operation_name!~"(?i)(bl|br|bz|xread|wait).*"';

/** The label of a queue's name. */
export const QUEUE = 'messaging_destination_name';
/** Those of a circuit breaker's name, and of the state that it has come into. */
export const BREAKER = 'sietch_circuit_breaker_name';
export const STATE = 'sietch_circuit_breaker_state';

/** Label matchers: the jobs that the dashboard's variable names, and `matchers`. */
export function matching(...matchers: readonly string[]): string {
  return `{${['job=~"$job"', ...matchers].join(', ')}}`;
}

/** The highest value of a declared gauge, by `labels`: several processes tell the same of a queue. */
export function highest(name: string, labels: readonly string[], matchers = matching()): string {
  return `max${labels.length === 0 ? '' : ` by (${labels.join(', ')})`} (${series(name)}${matchers})`;
}
