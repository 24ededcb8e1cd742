// The instruments that record as jobs pass. Made again whenever the SDK sets its meter provider.

import type { Attributes, Counter, Histogram, Meter, SpanContext } from '@opentelemetry/api';
import { SECONDS_BUCKETS } from '../metrics/buckets.js';
import { KeptSeries } from '../metrics/kept-series.js';
import {
  ATTR_DESTINATION,
  ATTR_ERROR_TYPE,
  ATTR_METRIC_OUTCOME,
  ATTR_OPERATION_NAME,
  ATTR_SYSTEM,
  METRIC_CONSUMED,
  METRIC_JOBS,
  METRIC_OPERATION_DURATION,
  METRIC_PROCESS_DURATION,
  METRIC_SENT,
  METRIC_STALLED,
  METRIC_WAIT_DURATION,
  queueNames,
  SYSTEM,
} from './names.js';

/** How an attempt ended. */
export type JobOutcome = 'completed' | 'retried' | 'dead';

/** Boundaries of the semantic conventions for durations in seconds. */
const SECONDS = [...SECONDS_BUCKETS];
/** Jobs wait longer than requests run. */
const WAIT_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600];
/** Further ones, of an app that makes up names of queues, are made each time. */
const MAX_KEPT = 1_000;

/** One operation. */
export interface Measured {
  readonly seconds: number;
  /** Where it failed. */
  readonly errorType: string | undefined;
  /** For the exemplar. */
  readonly span: SpanContext | undefined;
}

export class QueueMetrics {
  readonly #operationDuration: Histogram;
  readonly #processDuration: Histogram;
  readonly #waitDuration: Histogram;
  readonly #sent: Counter;
  readonly #consumed: Counter;
  readonly #jobs: Counter;
  readonly #stalled: Counter;
  /** By queue, operation and type of error. */
  readonly #kept = new Map<string, KeptSeries>();

  constructor(meter: Meter) {
    this.#operationDuration = createHistogram(meter, METRIC_OPERATION_DURATION, SECONDS);
    this.#processDuration = createHistogram(meter, METRIC_PROCESS_DURATION, SECONDS);
    this.#waitDuration = createHistogram(meter, METRIC_WAIT_DURATION, WAIT_SECONDS);
    this.#sent = createCounter(meter, METRIC_SENT);
    this.#consumed = createCounter(meter, METRIC_CONSUMED);
    this.#jobs = createCounter(meter, METRIC_JOBS);
    this.#stalled = createCounter(meter, METRIC_STALLED);
  }

  sent(queue: string, operation: string, count: number, { seconds, errorType, span }: Measured): void {
    const series = this.#series(queue, operation, errorType);
    series.of(this.#operationDuration).record(seconds, span);
    this.#sent.add(count, series.attributes);
  }

  consumed(queue: string): void {
    this.#consumed.add(1, this.#series(queue, 'process', undefined).attributes);
  }

  waited(queue: string, seconds: number, span: SpanContext): void {
    this.#series(queue).of(this.#waitDuration).record(seconds, span);
  }

  processed(queue: string, { seconds, errorType, span }: Measured): void {
    this.#series(queue, 'process', errorType).of(this.#processDuration).record(seconds, span);
  }

  ended(queue: string, outcome: JobOutcome): void {
    this.#jobs.add(1, { [ATTR_DESTINATION]: queue, [ATTR_METRIC_OUTCOME]: outcome });
  }

  stalled(queue: string): void {
    this.#stalled.add(1, { [ATTR_DESTINATION]: queue });
  }

  /** Of an operation, or of the waits of a queue. */
  #series(queue: string, operation?: string, errorType?: string): KeptSeries {
    const key = operation === undefined ? queue : `${operation}\n${errorType ?? ''}\n${queue}`;
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    const made = new KeptSeries(operation === undefined ? { [ATTR_DESTINATION]: queue } : clientAttributes(queue, operation, errorType));
    if (this.#kept.size < MAX_KEPT) this.#kept.set(key, made);
    return made;
  }
}

function clientAttributes(queue: string, operation: string, errorType: string | undefined): Attributes {
  const attributes: Attributes = { [ATTR_SYSTEM]: SYSTEM, [ATTR_DESTINATION]: queue, [ATTR_OPERATION_NAME]: operation };
  if (errorType !== undefined) attributes[ATTR_ERROR_TYPE] = errorType;
  return attributes;
}

function createHistogram(meter: Meter, name: string, explicitBucketBoundaries: number[]): Histogram {
  return meter.createHistogram(name, { ...describe(name), advice: { explicitBucketBoundaries } });
}

function createCounter(meter: Meter, name: string): Counter {
  return meter.createCounter(name, describe(name));
}

/** Unit and description as declared in names.ts. */
export function describe(name: string): { unit: string; description: string } {
  const declared = queueNames.find((candidate) => candidate.name === name);
  return declared?.type === 'metric' ? { unit: declared.unit, description: declared.meaning } : { unit: '', description: '' };
}
