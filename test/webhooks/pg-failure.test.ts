import { expect, test } from 'vitest';
import { classifyPgFailure, sqlStateOf } from '../../src/webhooks/pg-failure.ts';

const server = (code: string) => Object.assign(new Error('text'), { severity: 'ERROR', code });
const system = (code: string) => Object.assign(new Error('text'), { code });

test.each([
  ['connection exception', server('08006'), 'unavailable'],
  ['too many connections', server('53300'), 'unavailable'],
  ['disk full', server('53100'), 'unavailable'],
  ['shutdown, backend terminated', server('57P01'), 'unavailable'],
  ['crash shutdown', server('57P02'), 'unavailable'],
  ['starting up', server('57P03'), 'unavailable'],
  ['idle session timeout', server('57P05'), 'unavailable'],
  ['read-only', server('25006'), 'unavailable'],
  ['connection refused', system('ECONNREFUSED'), 'unavailable'],
  ['broken pipe, five letters', system('EPIPE'), 'unavailable'],
  ['connection lost', new Error('Connection terminated unexpectedly'), 'unavailable'],
  ['no answer', new Error('Query read timeout'), 'unavailable'],
  ['lock timeout', server('55P03'), 'busy'],
  ['serialization failure', server('40001'), 'busy'],
  ['deadlock', server('40P01'), 'busy'],
  ['deferred constraint', server('23503'), 'refused'],
  ['idle in transaction', server('25P03'), 'refused'],
  ['transaction timeout', server('25P04'), 'refused'],
  ['no right', server('42501'), 'refused'],
  ['no table', server('42P01'), 'refused'],
  ['no database', server('3D000'), 'refused'],
  ['wrong password', server('28P01'), 'refused'],
  ['database dropped', server('57P04'), 'refused'],
])('%s', (_what, error, failure) => {
  expect(classifyPgFailure(error)).toBe(failure);
});

test('a code of the system is no SQLSTATE', () => {
  expect(sqlStateOf(system('EPIPE'))).toBeUndefined();
  expect(sqlStateOf(server('23505'))).toBe('23505');
  expect(sqlStateOf('text')).toBeUndefined();
});
