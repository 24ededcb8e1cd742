// The instruments of the pg integration, but for the gauges of pools.
import type { Counter, Histogram, Meter } from '@opentelemetry/api';
import { createInstrument } from '../../config/metric.js';
import { createQueryInstruments, type QueryInstruments } from '../../observe/postgresql/instruments.js';
import { METRIC_CREATE_TIME, METRIC_SIDE_QUERIES } from './names.js';

export interface PgInstruments extends QueryInstruments {
  /** Times to open a connection. */
  readonly createTime: Histogram;
  readonly sideQueries: Counter;
}

export function createInstruments(meter: Meter): PgInstruments {
  return {
    ...createQueryInstruments(meter),
    createTime: createInstrument(meter, METRIC_CREATE_TIME),
    sideQueries: createInstrument(meter, METRIC_SIDE_QUERIES),
  };
}
