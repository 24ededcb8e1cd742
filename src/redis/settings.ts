// The settings of the redis integration.
import { choice, flag, type SettingsOf, type SettingsTable } from '../config/setting.js';

export const redisSettings = {
  statement: choice({
    env: 'SIETCH_OTEL_REDIS_STATEMENT',
    default: 'key',
    of: ['off', 'command', 'key'],
    meaning: 'What `db.query.text` of a span holds: nothing, the command, or the command and the pattern of its keys. Values never.',
  }),
  requireParent: flag({
    env: 'SIETCH_OTEL_REDIS_REQUIRE_PARENT',
    default: true,
    meaning: 'Spans for commands only inside another span. Metrics and logs do not depend on it.',
  }),
} satisfies SettingsTable;

export type RedisSettings = SettingsOf<typeof redisSettings>;
