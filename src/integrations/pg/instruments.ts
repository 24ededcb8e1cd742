// The instruments of the pg integration, but for the gauges of pools.
import { type Counter, type Histogram, type Meter, ValueType } from '@opentelemetry/api';
import { METRIC_CREATE_TIME, METRIC_OPERATION_DURATION, METRIC_SIDE_QUERIES, METRIC_SLOW_QUERY, METRIC_WAIT_TIME } from './names.js';

/** Seconds, as semantic conventions advise: https://opentelemetry.io/docs/specs/semconv/db/database-metrics/ */
const BOUNDARIES = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];

export interface PgInstruments {
  readonly duration: Histogram;
  /** Of callers for a connection of a pool. */
  readonly waitTime: Histogram;
  /** Of a new connection. */
  readonly createTime: Histogram;
  readonly slowQueries: Counter;
  readonly sideQueries: Counter;
}

export function createInstruments(meter: Meter): PgInstruments {
  const seconds = { unit: 's', valueType: ValueType.DOUBLE, advice: { explicitBucketBoundaries: BOUNDARIES } };
  return {
    duration: meter.createHistogram(METRIC_OPERATION_DURATION, { ...seconds, description: 'Duration of database client operations.' }),
    waitTime: meter.createHistogram(METRIC_WAIT_TIME, {
      ...seconds,
      description: 'The time it took to obtain an open connection from the pool.',
    }),
    createTime: meter.createHistogram(METRIC_CREATE_TIME, { ...seconds, description: 'The time it took to create a new connection.' }),
    slowQueries: meter.createCounter(METRIC_SLOW_QUERY, {
      unit: '{query}',
      description: 'Queries slower than SIETCH_OTEL_PG_SLOW_QUERY_MS.',
    }),
    sideQueries: meter.createCounter(METRIC_SIDE_QUERIES, {
      unit: '{query}',
      description: 'Questions on connections of the instrumentation.',
    }),
  };
}
