import { describe, expect, expectTypeOf, test } from 'vitest';
import { type ClaimStore, type Transaction, WebhookQueue, type WebhookQueueOptions } from '../../src/webhooks/library.ts';
import { readOptions } from '../../src/webhooks/read-options.ts';
import { backoffMs } from '../../src/webhooks/webhook-workers.ts';

const connection = 'redis://user:secret@127.0.0.1:1';
const processor = () => {};

describe('wrong options name the option, what was expected and what was got', () => {
  test.each<[object, ErrorConstructor, string]>([
    [{}, TypeError, 'Expected `name` to be a string of 1 to 200 characters without colons, got undefined'],
    [{ name: 'a:b', connection }, TypeError, 'Expected `name` to be a string of 1 to 200 characters without colons, got `a:b` (string)'],
    [{ name: 'a' }, TypeError, 'Expected `connection` to be a URL or an object, got undefined'],
    [{ name: 'a', connection: 'localhost' }, TypeError, 'Expected `connection` to be a URL or an object, got `localhost` (string)'],
    [{ name: 'a', connection, processor: 'p' }, TypeError, 'Expected `processor` to be a function, got `p` (string)'],
    [{ name: 'a', connection, retries: -1 }, RangeError, 'Expected `retries` to be an integer from 0 to 1000, got `-1` (number)'],
    [{ name: 'a', connection, retries: '3' }, TypeError, 'Expected `retries` to be an integer from 0 to 1000, got `3` (string)'],
    [{ name: 'a', connection, retries: 1.5 }, RangeError, 'Expected `retries` to be an integer from 0 to 1000, got `1.5` (number)'],
    [{ name: 'a', connection, backoff: 5 }, TypeError, 'Expected `backoff` to be an object, got `5` (number)'],
    [
      { name: 'a', connection, backoff: { jitter: 2 } },
      RangeError,
      'Expected `backoff.jitter` to be a number from 0 to 1, got `2` (number)',
    ],
    [
      { name: 'a', connection, backoff: { delayMs: 10, maxMs: 5 } },
      RangeError,
      'Expected `backoff.maxMs` to be at least `backoff.delayMs`, which is 10, got `5` (number)',
    ],
    [{ name: 'a', connection, concurrency: 0 }, RangeError, 'Expected `concurrency` to be an integer from 1 to 10000, got `0` (number)'],
    [
      { name: 'a', connection, rateLimit: { max: 1 } },
      TypeError,
      'Expected `rateLimit.durationMs` to be an integer of at least 1, got undefined',
    ],
    [
      { name: 'a', connection, directProcessorFallback: true },
      TypeError,
      'Expected `processor` to be given with `directProcessorFallback`, got undefined',
    ],
    [
      { name: 'a', connection, spill: { connection: 7 } },
      TypeError,
      'Expected `spill.connection` to be a URL or an object, got `7` (number)',
    ],
    [
      { name: 'a', connection, spill: { connection: 'postgres://x', schema: 'a"b' } },
      TypeError,
      'Expected `spill.schema` to be a plain identifier of PostgreSQL, got `a"b` (string)',
    ],
    [
      { name: 'a', connection, deadLetters: { onRedelivery: 'drop' } },
      TypeError,
      'Expected `deadLetters.onRedelivery` to be one of swallow, revive, got `drop` (string)',
    ],
    [{ name: 'a', connection, onEvent: {} }, TypeError, 'Expected `onEvent` to be a function, got an object'],
  ])('%j', (options, type, message) => {
    const create = () => new WebhookQueue(options as WebhookQueueOptions);
    expect(create).toThrow(type);
    expect(create).toThrow(message);
    expect(create).not.toThrow(/secret/);
  });

  test('a cluster needs a hash tag, so that the keys of the queue are on one node', () => {
    const cluster = { isCluster: true, duplicate: () => cluster, options: {} };
    const create = (prefix: string) => () => readOptions({ name: 'a', connection: cluster as never, prefix });
    expect(create('bull')).toThrow(
      'Expected `prefix` to be a string with a hash tag for a Redis Cluster, for example `{bull}`, got `bull` (string)',
    );
    expect(create('{bull}')).not.toThrow();
  });
});

test('the defaults', () => {
  expect(readOptions({ name: 'a', connection, spill: { connection: 'postgres://x' } })).toMatchObject({
    prefix: 'bull',
    retries: 3,
    backoff: { delayMs: 1000, factor: 2, maxMs: 60_000, jitter: 0.2 },
    concurrency: 10,
    rateLimit: undefined,
    enqueueTimeoutMs: 300,
    maxPayloadBytes: 1_048_576,
    direct: undefined,
    retention: { completedMs: 259_200_000, completedCount: 50_000 },
    onRedelivery: 'swallow',
    spill: { schema: 'sietch_queue', migrate: true },
    // In the database of the spill.
    claims: { connection: 'postgres://x', schema: 'sietch_queue', migrate: true },
  });
  expect(readOptions({ name: 'a', connection }).claims).toBeUndefined();
  expect(readOptions({ name: 'a', connection, spill: { connection: 'postgres://x' }, claims: false }).claims).toBeUndefined();
  expect(readOptions({ name: 'a', connection, processor, directProcessorFallback: true }).direct).toEqual({
    concurrency: 10,
    timeoutMs: 10_000,
  });
});

test('the type of `transaction`: always there with claims, which a spill brings along', () => {
  const spill = { connection: 'postgres://x' };
  const store: ClaimStore = { once: () => Promise.reject(new Error()), forget: async () => {}, close: async () => {} };
  // Compiled only.
  const types = () => [
    new WebhookQueue({
      name: 'a',
      connection,
      spill,
      processor: (_event, { transaction }) => expectTypeOf(transaction).toEqualTypeOf<Transaction>(),
    }),
    new WebhookQueue<{ id: 1 }>({
      name: 'a',
      connection,
      spill,
      claims: { connection: 'postgres://y' },
      processor(event, { transaction }) {
        expectTypeOf(event.payload).toEqualTypeOf<{ id: 1 }>();
        expectTypeOf(transaction).toEqualTypeOf<Transaction>();
      },
    }),
    new WebhookQueue({
      name: 'a',
      connection,
      claims: store,
      processor: (_event, { transaction }) => expectTypeOf(transaction).toEqualTypeOf<Transaction>(),
    }),
    new WebhookQueue({
      name: 'a',
      connection,
      spill,
      claims: false,
      processor: (_event, { transaction }) => expectTypeOf(transaction).toEqualTypeOf<Transaction | undefined>(),
    }),
    new WebhookQueue({
      name: 'a',
      connection,
      processor: (_event, { transaction }) => expectTypeOf(transaction).toEqualTypeOf<Transaction | undefined>(),
    }),
  ];
  expect(types).toBeTypeOf('function');
});

test('the wait before a retry grows to its cap, less the jitter', () => {
  const backoff = { delayMs: 100, factor: 3, maxMs: 1000, jitter: 0.5 };
  expect([1, 2, 3, 4].map((attempt) => backoffMs(attempt, backoff, 0))).toEqual([100, 300, 900, 1000]);
  expect([1, 2, 3, 4].map((attempt) => backoffMs(attempt, backoff, 1))).toEqual([50, 150, 450, 500]);
});
