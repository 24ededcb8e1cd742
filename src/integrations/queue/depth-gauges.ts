// Observable gauges of the queues' depth and age. They report what was read last: a scrape never
// waits for Redis.
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
import { STATES } from './queue-reader.js';
import type { QueueRegistry } from './queue-registry.js';

/** Makes the gauges; the meter holds them. */
export function createDepthGauges(meter: Meter, registry: QueueRegistry): void {
  const depth = createInstrument(meter, METRIC_DEPTH);
  const oldest = createInstrument(meter, METRIC_OLDEST_WAITING);
  const oldestActive = createInstrument(meter, METRIC_OLDEST_ACTIVE);
  const dead = createInstrument(meter, METRIC_DLQ_DEPTH);
  const age = createInstrument(meter, METRIC_METRICS_AGE);
  meter.addBatchObservableCallback(
    (result) => {
      for (const { name, ageSeconds, reading } of registry.queues()) {
        const queue = { [ATTR_DESTINATION]: name };
        for (const state of STATES) result.observe(depth, reading?.counts[state] ?? Number.NaN, { ...queue, [ATTR_STATE]: state });
        result.observe(oldest, reading?.oldestWaiting ?? Number.NaN, queue);
        result.observe(oldestActive, reading?.oldestActive ?? Number.NaN, queue);
        result.observe(dead, reading?.counts.failed ?? Number.NaN, queue);
        result.observe(age, ageSeconds, queue);
      }
    },
    [depth, oldest, oldestActive, dead, age],
  );
}
