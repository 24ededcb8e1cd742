// Options in code: whatever is not there, misspelt, null or of the wrong type is refused at every depth, by every public class and function.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CircuitBreaker } from '../../src/breaker/library.ts';
import { unknownOptions } from '../../src/catalog/settings-tables.ts';
import { routeEvents } from '../../src/index.ts';
import { ConsoleLogger, createLogger } from '../../src/logging/library.ts';
import { WebhookQueue } from '../../src/webhooks/library.ts';

const base = { name: 'a', connection: 'redis://user:secret@127.0.0.1:1' };
const place = { connection: 'postgres://user:secret@127.0.0.1:1/x' };

/** Every option, right. */
const RIGHT = {
  ...base,
  processor: () => {},
  prefix: 'bull',
  retries: 1,
  backoff: { delayMs: 1, factor: 2, maxMs: 3, jitter: 0.1 },
  concurrency: 1,
  rateLimit: { max: 1, durationMs: 1 },
  enqueueTimeoutMs: 1,
  connectTimeoutMs: 1,
  maxPayloadBytes: 1,
  requireDurable: true,
  spill: { ...place, schema: 'a', migrate: true },
  directProcessorFallback: { concurrency: 1, timeoutMs: 1 },
  claims: { ...place, schema: 'a', migrate: true },
  retention: { completedMs: 1000, completedCount: 1 },
  claimRetentionMs: 1000,
  deadLetters: { onRedelivery: 'revive', retentionMs: 1000 },
  lockDurationMs: 100,
  sweepIntervalMs: 100,
  onEvent: () => {},
};

const BREAKER = {
  name: 'a',
  timeoutMs: 1,
  errorThresholdPercentage: 1,
  volumeThreshold: 1,
  resetTimeoutMs: 1,
  windowMs: 10,
  capacity: 1,
  slowCallMs: 1,
  fallback: () => {},
  isFailure: () => true,
  onEvent: () => {},
  logger: { error: () => {}, warn: () => {}, info: () => {} },
};

const LOGGER = { console, level: 'info', bindings: {} };
const LIST = { filter: { type: 'a', diedBefore: new Date(0), diedAfter: new Date(0), reason: 'b' }, limit: 1 };
const REPLAY = { filter: { type: 'a', diedBefore: new Date(0), diedAfter: new Date(0), reason: 'b' }, ratePerSecond: 1 };

let queue: WebhookQueue;
beforeAll(() => {
  routeEvents('off');
  queue = new WebhookQueue({ ...base, enqueueTimeoutMs: 1 });
});
afterAll(() => queue.close({ timeoutMs: 100 }));

type Call = (options: unknown) => unknown;
const CALLS: readonly [string, object, Call][] = [
  ['WebhookQueue', RIGHT, (options) => Reflect.construct(WebhookQueue, [options])],
  ['WebhookQueue.ready', { timeoutMs: 1 }, (options) => Reflect.apply(queue.ready, queue, [options])],
  ['WebhookQueue.close', { timeoutMs: 1 }, (options) => Reflect.apply(queue.close, queue, [options])],
  ['deadLetters.list', LIST, (options) => Reflect.apply(queue.deadLetters.list, queue.deadLetters, [options])],
  ['deadLetters.replayAll', REPLAY, (options) => Reflect.apply(queue.deadLetters.replayAll, queue.deadLetters, [options])],
  ['CircuitBreaker', BREAKER, (options) => Reflect.construct(CircuitBreaker, [() => 1, options])],
  ['ConsoleLogger', LOGGER, (options) => Reflect.construct(ConsoleLogger, [options])],
];

/** What a call throws or rejects with. */
async function failureOf(call: Call, options: unknown): Promise<unknown> {
  try {
    await call(options);
    return undefined;
  } catch (error) {
    return error;
  }
}

/** `options` with each value, at each depth, replaced by `wrong`, and the path to it. */
function variants(options: object, wrong: unknown): [string, object][] {
  return Object.entries(options).flatMap(([key, value]) => {
    const here: [string, object] = [key, { ...options, [key]: wrong }];
    const isGroup = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype && key !== 'logger';
    if (!isGroup) return [here];
    return [here, ...variants(value, wrong).map(([path, inner]): [string, object] => [`${key}.${path}`, { ...options, [key]: inner }])];
  });
}

describe.each(CALLS)('%s', (_name, right, call) => {
  test.each([null, Symbol('x'), Number.NaN])('refuses %s for each option, at every depth', async (wrong) => {
    for (const [path, options] of variants(right, wrong)) {
      const error = await failureOf(call, options);
      expect(error, path).toBeInstanceOf(Error);
      expect(String(error), path).toMatch(/^(Type|Range)Error: Expected `/);
      expect(String(error), path).toContain(`\`${path}`);
      expect(String(error), path).not.toContain('secret');
    }
  });

  test('refuses a misspelt option at every depth, and says what there is', async () => {
    for (const [path, options] of variants(right, undefined)) {
      const keys = path.split('.');
      const last = keys.pop() ?? '';
      const group = keys.reduce<object>((found, key) => Object(Reflect.get(found, key)), options);
      const misspelt = `${last.slice(0, -1)}${last.slice(-1)}x`;
      Reflect.set(group, misspelt, 1);
      const prefix = keys.map((key) => `${key}.`).join('');
      const error = await failureOf(call, options);
      Reflect.deleteProperty(group, misspelt);
      expect(String(error)).toBe(`TypeError: Expected no option \`${prefix}${misspelt}\`; there is \`${prefix}${last}\``);
    }
  });

  test.each([null, 5, 'x'])('refuses %j in place of the options', async (wrong) => {
    expect(String(await failureOf(call, wrong))).toMatch(/^TypeError: Expected `options` to be an object, got /);
  });
});

test.each([
  ['directProcesorFallback', 'directProcessorFallback'],
  ['retry', 'retries'],
  ['spil', 'spill'],
  ['ConnectTimeout', 'connectTimeoutMs'],
])('%s: the nearest known name is %s', (given, meant) => {
  expect(() => Reflect.construct(WebhookQueue, [{ ...base, [given]: 1 }])).toThrow(
    `Expected no option \`${given}\`; there is \`${meant}\``,
  );
});

test('a name that resembles none is refused all the same', () => {
  expect(() => Reflect.construct(WebhookQueue, [{ ...base, foo: 1 }])).toThrow(new TypeError('Expected no option `foo`'));
});

test.each([
  [{ once: () => {} }, 'Expected `claims.forget` to be a function, got undefined'],
  [true, 'Expected `claims` to be a ClaimStore, an object or false, got `true` (boolean)'],
])('claims that are none: %j', (claims, message) => {
  expect(() => Reflect.construct(WebhookQueue, [{ ...base, claims }])).toThrow(new TypeError(message));
});

test('times that timers do not know are refused: they would end at once', () => {
  expect(() => new WebhookQueue({ ...base, sweepIntervalMs: 2 ** 31 })).toThrow(RangeError);
});

test('an event id that is none is refused', async () => {
  for (const name of ['get', 'replay', 'remove'] as const) {
    await expect(Reflect.apply(queue.deadLetters[name], queue.deadLetters, [undefined])).rejects.toThrow(
      new TypeError('Expected `eventId` to be the id of an event, got undefined'),
    );
  }
});

test('createLogger refuses options and a mixin that are none', () => {
  expect(() => Reflect.apply(createLogger, undefined, [null])).toThrow(new TypeError('Expected `options` to be an object, got null'));
  expect(() => Reflect.apply(createLogger, undefined, [{ mixin: 'x' }])).toThrow(TypeError);
});

test('routeEvents refuses what would swallow all events', () => {
  for (const sink of [undefined, null, 'jsn', {}, { info: () => {} }])
    expect(() => Reflect.apply(routeEvents, undefined, [sink])).toThrow(/^Expected `sink` to be json, off or a logger, got /);
});

test('start() names what it does not know in a line each, and starts', () => {
  expect(unknownOptions({})).toEqual([]);
  expect(unknownOptions({ pg: { slowQueryMs: 5 }, redis: {} })).toEqual([]);
  expect(unknownOptions(null)).toEqual(['start(): Expected `options` to be an object, got null; it is ignored']);
  expect(unknownOptions({ pgs: {}, pg: { slowQueryMS: 5 }, redis: null })).toEqual([
    'start(): Expected no option `pgs`; there is `pg`; it is ignored',
    'start(): Expected no option `pg.slowQueryMS`; there is `pg.slowQueryMs`; it is ignored',
    'start(): Expected `redis` to be an object, got null; it is ignored',
  ]);
});
