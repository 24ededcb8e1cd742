// The settings that all integrations of PostgreSQL clients share. They keep the name of the first.
import { choice, flag, integer, type SettingsTable } from '../../config/setting.js';

export const querySettings = {
  comment: choice({
    env: 'SIETCH_OTEL_PG_COMMENT',
    of: ['off', 'static', 'traceparent', 'traceid'],
    default: 'traceparent',
    meaning:
      'SQL comment added to statements: `static` tags only (application, route, queue, job), with the `traceparent` of a sampled trace (sqlcommenter format), or `/* traceId: … */` alone.',
  }),
  commentPosition: choice({
    env: 'SIETCH_OTEL_PG_COMMENT_POSITION',
    of: ['trailing', 'leading'],
    default: 'trailing',
    meaning: 'Where the comment goes. `leading` survives the cut of long texts in pg_stat_activity, but disables pg_hint_plan.',
  }),
  queryText: choice({
    env: 'SIETCH_OTEL_PG_QUERY_TEXT',
    of: ['sanitized', 'raw', 'off'],
    default: 'sanitized',
    meaning: 'What `db.query.text` holds. `raw` shows the literals of the statement; bound values are never shown.',
  }),
  slowQueryMs: integer({
    env: 'SIETCH_OTEL_PG_SLOW_QUERY_MS',
    changesAtRuntime: true,
    default: 100,
    unit: 'ms',
    meaning: 'Queries that take this long, without the time that the event loop was blocked, are logged with their trace; 0 turns it off.',
  }),
  explain: flag({
    env: 'SIETCH_OTEL_PG_EXPLAIN',
    default: false,
    meaning: 'Ask for the plan of slow statements, on a connection of its own, without running them again.',
  }),
  blockers: flag({
    env: 'SIETCH_OTEL_PG_BLOCKERS',
    default: false,
    meaning: 'While a slow query still runs, ask on a connection of its own which session and which trace blocks it.',
  }),
  checkoutStacks: flag({
    env: 'SIETCH_OTEL_PG_CHECKOUT_STACKS',
    default: false,
    meaning:
      'Note the stack of each `pool.connect()` and `sql.reserve()`: shown for connections in use, and in SIETCH235 for one that is not given back.',
  }),
  leakMs: integer({
    env: 'SIETCH_OTEL_PG_LEAK_MS',
    changesAtRuntime: true,
    default: 600_000,
    unit: 'ms',
    meaning: 'A connection that is checked out of a pool and idle for this long is reported, once for each place; 0 turns it off.',
  }),
} satisfies SettingsTable;
