// The instruments of the pg integration, but for the gauges of pools.
import type { Counter, Histogram, Meter } from '@opentelemetry/api';
import { createInstrument } from '../../config/metric.js';
import { METRIC_CREATE_TIME, METRIC_OPERATION_DURATION, METRIC_SIDE_QUERIES, METRIC_SLOW_QUERY, METRIC_WAIT_TIME } from './names.js';

export interface PgInstruments {
  readonly duration: Histogram;
  /** Waits of callers for a connection of a pool. */
  readonly waitTime: Histogram;
  /** Times to open a connection. */
  readonly createTime: Histogram;
  readonly slowQueries: Counter;
  readonly sideQueries: Counter;
}

export function createInstruments(meter: Meter): PgInstruments {
  return {
    duration: createInstrument(meter, METRIC_OPERATION_DURATION),
    waitTime: createInstrument(meter, METRIC_WAIT_TIME),
    createTime: createInstrument(meter, METRIC_CREATE_TIME),
    slowQueries: createInstrument(meter, METRIC_SLOW_QUERY),
    sideQueries: createInstrument(meter, METRIC_SIDE_QUERIES),
  };
}
