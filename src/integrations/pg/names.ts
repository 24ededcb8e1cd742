// Every name that the pg integration emits: those of all PostgreSQL clients, and its own.
import type { EmittedName } from '../../config/emitted-name.js';
import { defineMetric } from '../../config/metric.js';
import { ATTR_POOL_NAME, queryNames } from '../../observe/postgresql/names.js';
import { DATABASE_SECONDS } from '../../sdk/metrics/buckets.js';

export const SPAN_CONNECT = 'pg.connect';
export const SPAN_POOL_CONNECT = 'pg-pool.connect';

export const METRIC_CREATE_TIME = defineMetric({
  name: 'db.client.connection.create_time',
  instrument: 'histogram',
  unit: 's',
  buckets: DATABASE_SECONDS,
  attributes: [ATTR_POOL_NAME],
  meaning: 'Time it took to make a new connection.',
});

export const pgNames: readonly EmittedName[] = [
  ...queryNames,
  {
    type: 'span',
    name: SPAN_CONNECT,
    kind: 'CLIENT',
    meaning: 'A connection to the server that failed; with `SIETCH_OTEL_PG_CONNECT_SPANS=on`, each new one.',
  },
  { type: 'span', name: SPAN_POOL_CONNECT, kind: 'CLIENT', meaning: 'A connection that was asked of a pool and not given.' },
  METRIC_CREATE_TIME,
];
