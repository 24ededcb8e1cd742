// Every name that the integrations of PostgreSQL clients share.
import type { EmittedName } from '../../config/emitted-name.js';
import { defineMetric } from '../../config/metric.js';
import { nameOf } from '../../config/renamed-names.js';
import { DATABASE_SECONDS } from '../../sdk/metrics/buckets.js';

/** Begins the names of query spans in 0.1. */
export const SPAN_QUERY = 'pg.query';
export const SPAN_EXPLAIN = 'pg.explain';

export const ATTR_DB_SYSTEM_NAME = 'db.system.name';
export const ATTR_DB_NAMESPACE = 'db.namespace';
export const ATTR_DB_OPERATION_NAME = 'db.operation.name';
export const ATTR_DB_QUERY_TEXT = 'db.query.text';
export const ATTR_DB_QUERY_SUMMARY = 'db.query.summary';
export const ATTR_DB_RESPONSE_STATUS_CODE = 'db.response.status_code';
// Development: https://opentelemetry.io/docs/specs/semconv/registry/attributes/db/
export const ATTR_DB_RESPONSE_RETURNED_ROWS = 'db.response.returned_rows';
export const ATTR_SERVER_ADDRESS = 'server.address';
export const ATTR_SERVER_PORT = 'server.port';
export const ATTR_ERROR_TYPE = 'error.type';
export const ATTR_CODE_STACKTRACE = 'code.stacktrace';
/** Upstream's instrumentation-pg has it as `db.postgresql.plan`, which no convention knows. */
export const ATTR_STATEMENT_NAME = nameOf('preparedName');
// Development: https://opentelemetry.io/docs/specs/semconv/database/database-metrics/
export const ATTR_POOL_NAME = 'db.client.connection.pool.name';
export const ATTR_POOL_STATE = 'db.client.connection.state';
export const ATTR_QUERY_PLAN = 'sietch.pg.plan';
/** The wait event of a slow query, as `wait_event_type:wait_event` of pg_stat_activity. */
export const ATTR_WAIT_EVENT = 'sietch.pg.wait_event';
export const ATTR_LINK_REASON = 'sietch.link.reason';
export const ATTR_PURPOSE = nameOf('sideQueryPurpose');
export const ATTR_OUTCOME = nameOf('sideQueryOutcome');
export const ATTR_AFFECTED_ROWS = 'sietch.pg.affected_rows';
export const ATTR_POOL_WAIT = 'sietch.pg.pool.wait';
export const ATTR_BLOCKER_PID = 'sietch.pg.blocker.pid';
export const ATTR_BLOCKER_TRACE_ID = 'sietch.pg.blocker.trace_id';
export const ATTR_BLOCKER_STATE = 'sietch.pg.blocker.state';
export const ATTR_BLOCKER_SINCE = 'sietch.pg.blocker.since_ms';
export const ATTR_BLOCKER_QUERY = 'sietch.pg.blocker.query';
export const ATTR_DURATION_MS = nameOf('durationMs');
export const ATTR_UNLOGGED = 'sietch.pg.unlogged';
export const ATTR_LOOP_BLOCKED_MS = 'sietch.event_loop.blocked_ms';

export const EVENT_SLOW_QUERY = 'sietch.pg.slow_query';
export const EVENT_BLOCKED = 'sietch.pg.blocked';
export const EVENT_QUERY_PLAN = 'sietch.pg.query_plan';

export const SYSTEM_POSTGRESQL = 'postgresql';

const OPERATION_ATTRIBUTES = [
  ATTR_DB_SYSTEM_NAME,
  ATTR_DB_NAMESPACE,
  ATTR_DB_OPERATION_NAME,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_ERROR_TYPE,
];

export const METRIC_OPERATION_DURATION = defineMetric({
  name: 'db.client.operation.duration',
  instrument: 'histogram',
  unit: 's',
  buckets: DATABASE_SECONDS,
  attributes: OPERATION_ATTRIBUTES,
  meaning: 'Duration of a query, sampled or not. SQLSTATE as `error.type`.',
});

export const METRIC_SLOW_QUERY = defineMetric({
  name: 'sietch.slow_query',
  instrument: 'counter',
  unit: '{query}',
  attributes: OPERATION_ATTRIBUTES,
  meaning: 'Queries over `SIETCH_OTEL_PG_SLOW_QUERY_MS`, without the time that the event loop was blocked.',
});

export const METRIC_WAIT_TIME = defineMetric({
  name: 'db.client.connection.wait_time',
  instrument: 'histogram',
  unit: 's',
  buckets: DATABASE_SECONDS,
  attributes: [ATTR_POOL_NAME],
  meaning: 'Time callers waited for a connection of a pool.',
});

export const METRIC_SIDE_QUERIES = defineMetric({
  name: 'sietch.pg.side_queries',
  instrument: 'counter',
  unit: '{query}',
  attributes: [ATTR_PURPOSE, ATTR_OUTCOME],
  meaning: 'Questions on connections of our own (purpose `explain` or `blockers`): `ok`, `failed`, or `skipped` because of the rate limit.',
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

export const METRIC_MAX_CONNECTIONS = defineMetric({
  name: nameOf('maxConnections'),
  instrument: 'observable up-down counter',
  unit: '{connection}',
  attributes: [ATTR_POOL_NAME],
  meaning: 'Most connections the pools of this name may have.',
});

export const queryNames: readonly EmittedName[] = [
  {
    type: 'span',
    name: '{summary}',
    kind: 'CLIENT',
    meaning:
      'One query, from the call to its last row or its error: `SELECT orders`, by its `db.query.summary`; else the name of the database.',
  },
  {
    type: 'span',
    name: SPAN_EXPLAIN,
    kind: 'INTERNAL',
    meaning: 'Holds the plan of the slow query it is under; with `SIETCH_OTEL_PG_EXPLAIN=on`.',
  },
  METRIC_OPERATION_DURATION,
  METRIC_SLOW_QUERY,
  METRIC_WAIT_TIME,
  METRIC_CONNECTIONS,
  METRIC_PENDING_REQUESTS,
  METRIC_MAX_CONNECTIONS,
  METRIC_SIDE_QUERIES,
  {
    type: 'attribute',
    name: ATTR_DB_QUERY_TEXT,
    meaning: 'The statement: literals are `?`, comments are left out, at most 2,000 characters.',
  },
  {
    type: 'attribute',
    name: ATTR_DB_QUERY_SUMMARY,
    meaning:
      'Operations of the statement and the tables they are done to, in its order: `INSERT shipments SELECT orders`; at most 255 characters.',
  },
  {
    type: 'attribute',
    name: ATTR_DB_OPERATION_NAME,
    meaning: 'First keyword of the statement; `_OTHER` when PostgreSQL has no such command.',
  },
  { type: 'attribute', name: ATTR_DB_RESPONSE_STATUS_CODE, meaning: 'SQLSTATE of a failed query.' },
  { type: 'attribute', name: ATTR_DB_RESPONSE_RETURNED_ROWS, meaning: 'Rows the query gave back.' },
  { type: 'attribute', name: ATTR_AFFECTED_ROWS, meaning: 'Rows that an INSERT, UPDATE, DELETE, MERGE or COPY touched.' },
  {
    type: 'attribute',
    name: ATTR_POOL_WAIT,
    meaning: 'Seconds that the caller waited for the connection, on the first query after it got it; left out of spans under 1 ms.',
  },
  {
    type: 'event',
    name: EVENT_SLOW_QUERY,
    meaning:
      'Log record (warn) and span event of a slow query: duration, sanitised text, rows, SQLSTATE, pool wait, database. At most 10 records a second.',
  },
  {
    type: 'attribute',
    name: ATTR_CODE_STACKTRACE,
    meaning:
      'Who called a slow query, when a statement of its shape has been slow before: frames of the app and its libraries, at most 2,000 characters.',
  },
  { type: 'attribute', name: ATTR_UNLOGGED, meaning: 'Slow queries that were counted but not logged since the last record.' },
  {
    type: 'attribute',
    name: ATTR_LOOP_BLOCKED_MS,
    meaning: 'Milliseconds of the duration in which the event loop of the process was blocked; on records of what is slow without them.',
  },
  { type: 'attribute', name: ATTR_STATEMENT_NAME, meaning: 'Name of a prepared statement.' },
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
  {
    type: 'event',
    name: EVENT_BLOCKED,
    meaning: 'Span event of a slow query that waits for a lock of another session: its process, and its trace where that is known.',
  },
  { type: 'event', name: EVENT_QUERY_PLAN, meaning: 'Log record (info) with the plan of a slow query.' },
];
