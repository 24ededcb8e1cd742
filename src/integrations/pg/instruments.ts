// The instruments of the pg integration: those of all PostgreSQL clients, and its own.
import type { Histogram, Meter } from '@opentelemetry/api';
import { createInstrument } from '../../config/metric.js';
import { createQueryInstruments, type QueryInstruments } from '../../observe/postgresql/instruments.js';
import { METRIC_CREATE_TIME } from './names.js';

export interface PgInstruments extends QueryInstruments {
  /** Times to open a connection. */
  readonly createTime: Histogram;
}

export function createInstruments(meter: Meter): PgInstruments {
  return {
    ...createQueryInstruments(meter),
    createTime: createInstrument(meter, METRIC_CREATE_TIME),
  };
}
