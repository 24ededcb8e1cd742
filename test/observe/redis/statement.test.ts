import { list } from '@ioredis/commands';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { kindOf } from '../../../src/observe/redis/command-kind.js';
import { statementOf } from '../../../src/observe/redis/statement.js';

const statement = (name: string, ...args: unknown[]) => statementOf(kindOf(name), args);

test.each<[string, unknown[], string]>([
  ['get', ['user:1'], 'get user:?'],
  ['GET', ['user:1'], 'get user:?'],
  ['set', ['user:1', 'secret', 'EX', '10'], 'set user:?'],
  ['hset', ['h', 'field', 'secret'], 'hset h'],
  ['mset', ['a:x', 'secret', 'b:x', 'secret'], 'mset a:x b:x'],
  ['mget', ['user:1', 'user:2', 'shop:1'], 'mget user:? shop:? (+1)'],
  ['del', ['a', 'b', 'c', 'd', 'e', 'f'], 'del a b c d e (+1)'],
  ['blpop', ['jobs', 'more', '0'], 'blpop jobs more'],
  ['bitop', ['AND', 'dest', 'a', 'b'], 'bitop dest a b'],
  ['rename', ['a', 'b'], 'rename a b'],
  ['object', ['encoding', 'user:1'], 'object user:?'],
  ['zunionstore', ['dest', '2', 'a', 'b', 'WEIGHTS', '1', '2'], 'zunionstore a b'],
  ['bzmpop', ['0', '2', 'a', 'b', 'MIN'], 'bzmpop a b'],
  ['lmpop', ['1', 'a', 'LEFT'], 'lmpop a'],
  ['xread', ['COUNT', '2', 'STREAMS', 's:x', 's:y', '0', '0'], 'xread s:x s:y'],
  ['xreadgroup', ['GROUP', 'secret-group', 'secret', 'STREAMS', 's:x', '>'], 'xreadgroup s:x'],
  ['eval', ['return ARGV[1]', '1', 'k:1', 'secret'], 'eval 098e0f0d1448 1 k:?'],
  ['evalsha', ['098E0F0D144800000000000000000000000000ab', '1', 'k:1', 'secret'], 'evalsha 098e0f0d1448 1 k:?'],
  ['eval', ['return 1', '99999999', 'k:1'], 'eval e0e1f9fabfc9 99999999 k:?'],
  ['eval', ['return 1', 'secret', 'secret'], 'eval e0e1f9fabfc9 0'],
  ['eval', [], 'eval ? 0'],
  ['fcall', ['refund', '1', 'k:1', 'secret'], 'fcall refund 1 k:?'],
  ['auth', ['user', 'secret'], 'auth'],
  ['hello', ['3', 'AUTH', 'user', 'secret'], 'hello'],
  ['config', ['set', 'requirepass', 'secret'], 'config'],
  ['echo', ['secret'], 'echo'],
  ['publish', ['news:1', 'secret'], 'publish news:?'],
  ['nosuch', ['secret'], '_OTHER'],
])('%s %j', (name, args, expected) => {
  expect(statement(name, ...args)).toBe(expected);
  expect(
    statement(
      name,
      ...args.map((arg) => (typeof arg === 'string' && !name.startsWith('eval') && !name.startsWith('xread') ? Buffer.from(arg) : arg)),
    ),
  ).toBe(expected);
});

test('whatever the arguments: bounded, on one line, and no digit of theirs', () => {
  const argument = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    fc.integer(),
    fc.constant(undefined),
  );
  fc.assert(
    fc.property(fc.constantFrom(...list, 'unknown'), fc.array(argument, { maxLength: 20 }), (name, args) => {
      const text = statement(name, ...args);
      expect(text.length).toBeLessThan(800);
      expect(text).toMatch(/^[a-zA-Z0-9_.:/|{}?…() +-]*$/);
    }),
  );
});

test('every command that ioredis has is named, but for those newer than Redis 8', () => {
  const unknown = list.filter((name) => kindOf(name).name === '_OTHER');
  // What this lists is counted as `_OTHER` until it is added.
  expect(
    unknown.every((name) =>
      /^(?:ar|increx|lmovem|blmovem|sdiffcard|sunioncard|msetex|pfdebug|pfselftest|restore-asking|trimslots|x(?:idmprecord|nack))/.test(
        name,
      ),
    ),
  ).toBe(true);
});
