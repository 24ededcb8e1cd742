// Observable gauges of the queues' depth and age. They report what was read last: a scrape never
// waits for Redis or PostgreSQL.
import type { Meter } from '@opentelemetry/api';
import { createInstrument } from '../../config/metric.js';
import {
  ATTR_DESTINATION,
  ATTR_STATE,
  METRIC_DEPTH,
  METRIC_DLQ_DEPTH,
  METRIC_METRICS_AGE,
  METRIC_OLDEST_ACTIVE,
  METRIC_OLDEST_WAITING,
} from './names.js';

/** Depth and age of one queue. */
export interface QueueDepth {
  /** Jobs by state; a state without a number was not counted. */
  readonly counts: Readonly<Partial<Record<string, number>>>;
  /** Seconds; undefined where the storage does not report it. */
  readonly oldestWaiting: number | undefined;
  /** Seconds for which the oldest active job has been worked on. */
  readonly oldestActive: number | undefined;
}

/** The queues of one library. */
export interface DepthSource {
  readonly states: readonly string[];
  /** With readings that are young enough. */
  queues(): Iterable<{ readonly name: string; readonly ageSeconds: number; readonly reading: QueueDepth | undefined }>;
}

/** Makes the gauges; the meter holds them. */
export function createDepthGauges(meter: Meter, source: DepthSource): void {
  const depth = createInstrument(meter, METRIC_DEPTH);
  const oldest = createInstrument(meter, METRIC_OLDEST_WAITING);
  const oldestActive = createInstrument(meter, METRIC_OLDEST_ACTIVE);
  const dead = createInstrument(meter, METRIC_DLQ_DEPTH);
  const age = createInstrument(meter, METRIC_METRICS_AGE);
  meter.addBatchObservableCallback(
    (result) => {
      for (const { name, ageSeconds, reading } of source.queues()) {
        const queue = { [ATTR_DESTINATION]: name };
        for (const state of source.states) result.observe(depth, reading?.counts[state] ?? Number.NaN, { ...queue, [ATTR_STATE]: state });
        result.observe(oldest, reading?.oldestWaiting ?? Number.NaN, queue);
        result.observe(oldestActive, reading?.oldestActive ?? Number.NaN, queue);
        result.observe(dead, reading?.counts['failed'] ?? Number.NaN, queue);
        result.observe(age, ageSeconds, queue);
      }
    },
    [depth, oldest, oldestActive, dead, age],
  );
}
