// Every name that the redis integration emits.
import {
  ATTR_DB_NAMESPACE,
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_QUERY_TEXT,
  ATTR_DB_RESPONSE_STATUS_CODE,
  ATTR_DB_SYSTEM_NAME,
  ATTR_ERROR_TYPE,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  METRIC_DB_CLIENT_OPERATION_DURATION,
} from '@opentelemetry/semantic-conventions';
import type { EmittedName } from '../../config/emitted-name.js';
import { defineMetric } from '../../config/metric.js';
import { nameOf } from '../../config/renamed-names.js';
import { DATABASE_SECONDS } from '../../sdk/metrics/buckets.js';

/**
 * https://opentelemetry.io/docs/specs/semconv/db/redis/ (in development, hence not in the stable
 * package).
 */
export const DB_SYSTEM_REDIS = 'redis';

export const SPAN_CONNECT = 'connect';
export const EVENT_COMMAND = 'sietch.redis.command';
export const EVENT_SLOW_COMMAND = 'sietch.redis.slow_command';
/** Milliseconds, in log records. */
export const ATTR_DURATION_MS = nameOf('durationMs');
export const ATTR_UNLOGGED = 'sietch.redis.unlogged';
export const ATTR_LOOP_BLOCKED_MS = 'sietch.event_loop.blocked_ms';
export const ATTR_OUTCOME = nameOf('keyTraceOutcome');
export const ATTR_FAILED_COMMANDS = 'sietch.redis.exec.failed_commands';

export const METRIC_DURATION = defineMetric({
  name: METRIC_DB_CLIENT_OPERATION_DURATION,
  instrument: 'histogram',
  unit: 's',
  buckets: DATABASE_SECONDS,
  attributes: [ATTR_DB_SYSTEM_NAME, ATTR_DB_OPERATION_NAME, ATTR_DB_NAMESPACE, ATTR_SERVER_ADDRESS, ATTR_SERVER_PORT, ATTR_ERROR_TYPE],
  meaning: 'Time of Redis commands, by command; also of commands without a span.',
});

export const METRIC_SLOW_COMMANDS = defineMetric({
  name: 'sietch.redis.slow_commands',
  instrument: 'counter',
  unit: '{command}',
  attributes: [ATTR_DB_OPERATION_NAME],
  meaning: 'Commands that took at least `SIETCH_OTEL_REDIS_SLOW_MS`, without the time that the event loop was blocked.',
});

export const METRIC_KEY_TRACES = defineMetric({
  name: 'sietch.redis.key_traces',
  instrument: 'counter',
  unit: '{key}',
  attributes: [ATTR_OUTCOME, ATTR_ERROR_TYPE],
  meaning: 'Writers of keys that were `written` down, `dropped` (no usable connection, or too many at once) or `failed`.',
});

export const redisNames: readonly EmittedName[] = [
  {
    type: 'span',
    name: '{operation}',
    kind: 'CLIENT',
    meaning: 'One Redis command, from the call to the answer, by its `db.operation.name`: `get`, `PIPELINE get`.',
  },
  { type: 'span', name: SPAN_CONNECT, kind: 'CLIENT', meaning: 'Opening a connection, until it can be used or has failed.' },
  METRIC_DURATION,
  METRIC_SLOW_COMMANDS,
  METRIC_KEY_TRACES,
  {
    type: 'event',
    name: EVENT_SLOW_COMMAND,
    meaning: 'Log record (warn) of a command that took at least `SIETCH_OTEL_REDIS_SLOW_MS`; at most 10 a second.',
  },
  { type: 'event', name: EVENT_COMMAND, meaning: 'Log record (debug) of a command, with `SIETCH_OTEL_REDIS_COMMAND_LOG=on`.' },
  { type: 'attribute', name: ATTR_DURATION_MS, meaning: 'Milliseconds from the call to the answer, in log records.' },
  { type: 'attribute', name: ATTR_UNLOGGED, meaning: 'Slow commands that were counted but not logged since the last record.' },
  {
    type: 'attribute',
    name: ATTR_LOOP_BLOCKED_MS,
    meaning: 'Milliseconds of the duration in which the event loop of the process was blocked; on records of what is slow without them.',
  },
  { type: 'attribute', name: ATTR_FAILED_COMMANDS, meaning: 'Commands of a transaction that failed though EXEC succeeded.' },
  { type: 'attribute', name: ATTR_DB_SYSTEM_NAME, meaning: '`redis`.' },
  {
    type: 'attribute',
    name: ATTR_DB_OPERATION_NAME,
    meaning:
      'Command in lower case, behind `PIPELINE` or `MULTI` where it was sent so; `_OTHER` for commands that are not in the fixed set.',
  },
  { type: 'attribute', name: ATTR_DB_NAMESPACE, meaning: 'Number of the database.' },
  { type: 'attribute', name: ATTR_DB_QUERY_TEXT, meaning: 'Command and pattern of its keys, never values.' },
  { type: 'attribute', name: ATTR_DB_RESPONSE_STATUS_CODE, meaning: 'Prefix of the error that the server answered, e.g. `WRONGTYPE`.' },
  {
    type: 'attribute',
    name: ATTR_ERROR_TYPE,
    meaning: 'That prefix, or `timeout`, `connection_closed`, `not_connected`, `ECONNREFUSED` …',
  },
  { type: 'attribute', name: ATTR_SERVER_ADDRESS, meaning: 'Host of the server, of the node in a cluster, or path of the socket.' },
  { type: 'attribute', name: ATTR_SERVER_PORT, meaning: 'Port of the server.' },
];
