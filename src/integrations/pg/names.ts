// Every name that the pg integration emits: those of all PostgreSQL clients, and its own.
import type { EmittedName } from '../../config/emitted-name.js';
import { defineMetric } from '../../config/metric.js';
import {
  ATTR_BLOCKER_PID,
  ATTR_BLOCKER_QUERY,
  ATTR_BLOCKER_SINCE,
  ATTR_BLOCKER_STATE,
  ATTR_BLOCKER_TRACE_ID,
  ATTR_PG_PLAN,
  ATTR_POOL_NAME,
  queryNames,
} from '../../observe/postgresql/names.js';
import { DATABASE_SECONDS } from '../../sdk/metrics/buckets.js';

export const SPAN_CONNECT = 'pg.connect';
export const SPAN_EXPLAIN = 'pg.explain';
export const SPAN_POOL_CONNECT = 'pg-pool.connect';

// Development: https://opentelemetry.io/docs/specs/semconv/database/database-metrics/
export const ATTR_POOL_STATE = 'db.client.connection.state';
export const ATTR_QUERY_PLAN = 'sietch.pg.plan';
/** The wait event of a slow query, as `wait_event_type:wait_event` of pg_stat_activity. */
export const ATTR_WAIT_EVENT = 'sietch.pg.wait_event';
export const ATTR_LINK_REASON = 'sietch.link.reason';
export const ATTR_PURPOSE = 'purpose';
export const ATTR_OUTCOME = 'outcome';

export const EVENT_QUERY_PLAN = 'sietch.pg.query_plan';

export const METRIC_SIDE_QUERIES = defineMetric({
  name: 'sietch.pg.side_queries',
  instrument: 'counter',
  unit: '{query}',
  attributes: [ATTR_PURPOSE, ATTR_OUTCOME],
  meaning: 'Questions on connections of our own (purpose `explain` or `blockers`): `ok`, `failed`, or `skipped` because of the rate limit.',
});

export const METRIC_CREATE_TIME = defineMetric({
  name: 'db.client.connection.create_time',
  instrument: 'histogram',
  unit: 's',
  buckets: DATABASE_SECONDS,
  attributes: [ATTR_POOL_NAME],
  meaning: 'Time it took to make a new connection.',
});

export const METRIC_CONNECTIONS = defineMetric({
  name: 'db.client.connection.count',
  instrument: 'observable up-down counter',
  unit: '{connection}',
  attributes: [ATTR_POOL_NAME, ATTR_POOL_STATE],
  meaning: 'Connections of the pools of this name, `used` or `idle`.',
});

export const METRIC_PENDING_REQUESTS = defineMetric({
  name: 'db.client.connection.pending_requests',
  instrument: 'observable up-down counter',
  unit: '{request}',
  attributes: [ATTR_POOL_NAME],
  meaning: 'Callers that wait for a connection now.',
});

/** As upstream 0.76 names it; newer conventions say `.limit`. */
export const METRIC_MAX_CONNECTIONS = defineMetric({
  name: 'db.client.connection.max',
  instrument: 'observable up-down counter',
  unit: '{connection}',
  attributes: [ATTR_POOL_NAME],
  meaning: 'Most connections the pools of this name may have.',
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
  {
    type: 'span',
    name: SPAN_EXPLAIN,
    kind: 'INTERNAL',
    meaning: 'Holds the plan of the slow query it is under; with `SIETCH_OTEL_PG_EXPLAIN=on`.',
  },
  METRIC_SIDE_QUERIES,
  METRIC_CREATE_TIME,
  METRIC_CONNECTIONS,
  METRIC_PENDING_REQUESTS,
  METRIC_MAX_CONNECTIONS,
  { type: 'attribute', name: ATTR_PG_PLAN, meaning: 'Name of a prepared statement.' },
  { type: 'attribute', name: ATTR_QUERY_PLAN, meaning: 'Plan of a slow query, as EXPLAIN writes it; literals are `?`.' },
  {
    type: 'attribute',
    name: ATTR_WAIT_EVENT,
    meaning: 'What a slow query waited for, `Lock:transactionid`; with `SIETCH_OTEL_PG_BLOCKERS=on`.',
  },
  { type: 'attribute', name: ATTR_BLOCKER_PID, meaning: 'Backend of the session that holds up a slow query.' },
  { type: 'attribute', name: ATTR_BLOCKER_TRACE_ID, meaning: 'Trace of that session, by the comment in its last statement.' },
  { type: 'attribute', name: ATTR_BLOCKER_STATE, meaning: 'Its state, `idle in transaction`.' },
  { type: 'attribute', name: ATTR_BLOCKER_SINCE, meaning: 'Age of its transaction in ms.' },
  { type: 'attribute', name: ATTR_BLOCKER_QUERY, meaning: 'Its last statement, sanitised.' },
  { type: 'attribute', name: ATTR_LINK_REASON, meaning: '`blocked_by` on the link to the trace that holds up a slow query.' },
  { type: 'event', name: 'blocked by trace {trace id}', meaning: 'Span event of a slow query that waits for a lock of another session.' },
  { type: 'event', name: EVENT_QUERY_PLAN, meaning: 'Log record (info) with the plan of a slow query.' },
];
