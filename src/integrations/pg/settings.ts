// The settings of the pg integration.
import { flag, type SettingsTable } from '../../config/setting.js';
import { querySettings } from '../../observe/postgresql/settings.js';

export const pgSettings = {
  ...querySettings,
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
  connectSpans: flag({
    env: 'SIETCH_OTEL_PG_CONNECT_SPANS',
    default: false,
    meaning: 'A span `pg.connect` for each new connection, not only for those that fail.',
  }),
} satisfies SettingsTable;
