// The instruments of the integrations of PostgreSQL clients, but for the gauges of pools.
import type { Counter, Histogram, Meter } from '@opentelemetry/api';
import { createInstrument } from '../../config/metric.js';
import { METRIC_OPERATION_DURATION, METRIC_SIDE_QUERIES, METRIC_SLOW_QUERY, METRIC_WAIT_TIME } from './names.js';

export interface QueryInstruments {
  readonly duration: Histogram;
  /** Waits of callers for a connection of a pool. */
  readonly waitTime: Histogram;
  readonly slowQueries: Counter;
  /** Questions on connections of our own. */
  readonly sideQueries: Counter;
}

export function createQueryInstruments(meter: Meter): QueryInstruments {
  return {
    duration: createInstrument(meter, METRIC_OPERATION_DURATION),
    waitTime: createInstrument(meter, METRIC_WAIT_TIME),
    slowQueries: createInstrument(meter, METRIC_SLOW_QUERY),
    sideQueries: createInstrument(meter, METRIC_SIDE_QUERIES),
  };
}
