// The settings of the redis integration.
import { choice, flag, integer, list, type SettingsOf, type SettingsTable } from '../../config/setting.js';

export const redisSettings = {
  statement: choice({
    env: 'SIETCH_OTEL_REDIS_STATEMENT',
    default: 'key',
    of: ['off', 'command', 'key'],
    meaning: 'What `db.query.text` of a span holds: nothing, the command, or the command and the pattern of its keys. Values never.',
  }),
  slowMs: integer({
    env: 'SIETCH_OTEL_REDIS_SLOW_MS',
    changesAtRuntime: true,
    default: 100,
    max: 3_600_000,
    unit: 'ms',
    meaning:
      'Commands that take this long, without the time that the event loop was blocked, are logged with their trace and counted; 0 turns it off. Blocking commands are not looked at.',
  }),
  commandLog: flag({
    env: 'SIETCH_OTEL_REDIS_COMMAND_LOG',
    changesAtRuntime: true,
    default: false,
    meaning: 'A log line (debug) with trace context for each command.',
  }),
  commandLogSkip: list({
    env: 'SIETCH_OTEL_REDIS_COMMAND_LOG_SKIP',
    changesAtRuntime: true,
    default: ['bzpopmin', 'brpoplpush', 'evalsha', 'info', 'client', 'ping'],
    meaning: 'Commands that the command log leaves out: those that poll.',
  }),
  keyTrace: list({
    env: 'SIETCH_OTEL_REDIS_KEY_TRACE',
    default: [],
    meaning:
      'Keys, as patterns with `*` and `?`, whose writers are remembered: the traceparent of a sampled trace is stored beside the key as `trace:{key}`.',
  }),
  keyTraceTtlSeconds: integer({
    env: 'SIETCH_OTEL_REDIS_KEY_TRACE_TTL_S',
    default: 86_400,
    min: 1,
    max: 31_536_000,
    unit: 's',
    meaning: 'How long a writer is remembered at most; never longer than its key lives.',
  }),
} satisfies SettingsTable;

export type RedisSettings = SettingsOf<typeof redisSettings>;
