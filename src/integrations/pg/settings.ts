// The settings of the pg integration.
import { flag, type SettingsTable } from '../../config/setting.js';
import { querySettings } from '../../observe/postgresql/settings.js';

export const pgSettings = {
  ...querySettings,
  connectSpans: flag({
    env: 'SIETCH_OTEL_PG_CONNECT_SPANS',
    default: false,
    meaning: 'A span `pg.connect` for each new connection, not only for those that fail.',
  }),
} satisfies SettingsTable;
