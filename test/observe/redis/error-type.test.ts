import { expect, test } from 'vitest';
import { describeError } from '../../../src/observe/redis/error-type.js';

function error(name: string, message: string, code?: string): Error {
  return Object.assign(new Error(message), { name, ...(code === undefined ? {} : { code }) });
}

/** As node-redis names it: its errors have the name `Error`. */
class SimpleError extends Error {}

test.each([
  [error('ReplyError', 'WRONGTYPE Operation against a key holding the wrong kind of value'), 'WRONGTYPE', 'WRONGTYPE'],
  [error('ReplyError', 'ERR unknown command'), 'ERR', 'ERR'],
  [error('ReplyError', 'OOM'), 'OOM', 'OOM'],
  [error('ReplyError', 'MYSECRET of a script'), 'ReplyError', undefined],
  [error('ReplyError', 'ERRATIC behaviour'), 'ReplyError', undefined],
  [error('ReplyError', ''), 'ReplyError', undefined],
  [error('Error', 'Command timed out'), 'timeout', undefined],
  [error('Error', 'Connection is closed.'), 'connection_closed', undefined],
  [error('Error', "Stream isn't writeable and enableOfflineQueue options is false"), 'not_connected', undefined],
  [error('MaxRetriesPerRequestError', 'Reached the max retries per request limit'), 'MaxRetriesPerRequestError', undefined],
  [error('AbortError', 'Command aborted due to connection close'), 'AbortError', undefined],
  [error('Error', 'connect ECONNREFUSED 10.0.0.1:6379', 'ECONNREFUSED'), 'ECONNREFUSED', undefined],
  [error('Error', 'something secret', 'secret code'), 'Error', undefined],
  [error('name with secret', 'x'), 'Error', undefined],
  [new SimpleError('WRONGTYPE Operation'), 'WRONGTYPE', 'WRONGTYPE'],
  [new SimpleError('MYSECRET of a script'), 'SimpleError', undefined],
  [new Error('The client is closed'), 'connection_closed', undefined],
  [new Error('The client is offline'), 'not_connected', undefined],
  [new Error('Socket closed unexpectedly'), 'connection_closed', undefined],
  [new Error('The command was aborted'), 'aborted', undefined],
  [new Error('The queue is full'), 'queue_full', undefined],
  [
    Object.assign(error('ReconnectStrategyError', 'secret'), { socketError: error('Error', 'connect', 'ECONNREFUSED') }),
    'ECONNREFUSED',
    undefined,
  ],
  ['a text', '_OTHER', undefined],
  [undefined, '_OTHER', undefined],
])('%s', (thrown, type, statusCode) => {
  expect(describeError(thrown)).toMatchObject({ type, statusCode });
});
