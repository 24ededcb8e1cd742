import { expect, test } from 'vitest';
import { classifyFailure, StoreAwayError } from '../../src/webhooks/store-failure.ts';

const named = (name: string, message: string) => Object.assign(new Error(message), { name });
const coded = (code: string) => Object.assign(new Error(`connect ${code}`), { code });

// Texts of Redis 7.0 and ioredis 5 and 6.
test.each([
  ['not sent', new StoreAwayError('Redis is away'), 'unreachable', false],
  ['refused by ioredis', new Error("Stream isn't writeable and enableOfflineQueue options is false"), 'unreachable', false],
  ['connection refused', coded('ECONNREFUSED'), 'unreachable', false],
  ['timed out in flight', new Error('Command timed out'), 'timeout', true],
  ['connection lost in flight', coded('ECONNRESET'), 'other', true],
  ['flushed', new Error('Connection is closed.'), 'other', true],
  ['full', named('ReplyError', "OOM command not allowed when used memory > 'maxmemory'."), 'full', false],
  [
    'full, in a script',
    named('ReplyError', "OOM command not allowed when used memory > 'maxmemory'. script: 1, on @user_script:1."),
    'full',
    false,
  ],
  ['disk full', named('ReplyError', 'MISCONF Redis is configured to save RDB snapshots'), 'full', false],
  ['read-only', named('ReplyError', "READONLY You can't write against a read only replica."), 'read_only', false],
  ['starting', named('ReplyError', 'LOADING Redis is loading the dataset in memory'), 'loading', false],
  ['no login', named('ReplyError', 'NOAUTH Authentication required.'), 'refused', false],
  ['something else', new Error('whatever'), 'other', true],
  ['no error at all', 'text', 'other', true],
])('%s', (_what, error, reason, isAmbiguous) => {
  expect(classifyFailure(error)).toEqual({ reason, isAmbiguous, cause: error });
});
