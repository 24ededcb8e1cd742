import { Redis } from 'ioredis';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { routeEvents } from '../../src/index.ts';
import {
  type QueueEvent,
  UnrecoverableError,
  WebhookQueue,
  WebhookQueueError,
  type WebhookQueueOptions,
} from '../../src/webhooks/library.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/ports.ts';
import { freshRedis } from '../support/servers.ts';
import { SlowLink } from './slow-link.ts';

let connection: string;
const queues: WebhookQueue[] = [];

beforeAll(async () => {
  routeEvents('off');
  connection = await freshRedis();
});
afterEach(async () => {
  await Promise.all(queues.splice(0).map((queue) => queue.close({ timeoutMs: 2000 })));
});

let count = 0;
/** A queue of its own name; its worker runs when there is a processor. */
function create(options: Partial<WebhookQueueOptions> = {}): WebhookQueue & { events: QueueEvent[] } {
  const events: QueueEvent[] = [];
  const queue = new WebhookQueue({
    name: `webhooks-${process.pid}-${count++}`,
    connection,
    enqueueTimeoutMs: 10_000,
    backoff: { delayMs: 10, jitter: 0 },
    onEvent: (event) => events.push(event),
    ...options,
  });
  queues.push(queue);
  if (options.processor !== undefined) queue.startWorker();
  return Object.assign(queue, { events });
}

const event = (id: string, type = 'transaction.completed') => ({ id, type, payload: { amount: 1 } });

describe('enqueue', () => {
  test('queues an event once, however often it is delivered', async () => {
    const processor = vi.fn();
    const queue = create({ processor });
    const results = [];
    for (let delivery = 0; delivery < 3; delivery++) results.push(await queue.enqueue(event('evt_1')));
    expect(results).toMatchObject([{ mode: 'queued' }, { mode: 'duplicate' }, { mode: 'duplicate' }]);
    expect(results[0]).toEqual({ mode: 'queued', store: 'redis', jobId: 'e-evt_1', traceId: undefined });
    await eventually('it is done', () => processor.mock.calls.length > 0);
    await eventually('it is kept as done', async () => (await queue.getMetrics()).depth.redis?.['completed'] === 1);
    expect(await queue.enqueue(event('evt_1'))).toMatchObject({ mode: 'duplicate' });
    expect(processor).toHaveBeenCalledTimes(1);
  });

  test('hands the processor what was delivered', async () => {
    const processor = vi.fn();
    const queue = create({ processor });
    await queue.enqueue({ id: 'evt/1:é', type: 'a', payload: [1, { b: null }] });
    await eventually('it is done', () => processor.mock.calls.length > 0);
    const [received, context] = processor.mock.calls[0] ?? [];
    expect(received).toEqual({ id: 'evt/1:é', type: 'a', payload: [1, { b: null }], receivedAt: expect.any(Number) });
    expect(context).toMatchObject({ attempt: 1, maxAttempts: 4, mode: 'queued', store: 'redis', transaction: undefined });
    expect(context.signal.aborted).toBe(false);
  });

  test.each([
    ['nothing', undefined, TypeError, 'Expected an event to be an object, got `undefined` (undefined)'],
    [
      'no id',
      { type: 'a', payload: 1 },
      TypeError,
      'Expected `id` of an event to be a string of 1 to 1000 characters, got `undefined` (undefined)',
    ],
    [
      'an empty type',
      { id: '1', type: '', payload: 1 },
      TypeError,
      'Expected `type` of an event to be a string of 1 to 200 characters, got 0 characters',
    ],
  ])('refuses an event with %s', async (_what, wrong, type, message) => {
    const queue = create();
    await expect(queue.enqueue(wrong as never)).rejects.toThrow(type);
    await expect(queue.enqueue(wrong as never)).rejects.toThrow(message);
  });

  const circular: { self?: unknown } = {};
  circular.self = circular;
  test.each([
    ['too large', 'x'.repeat(100), 'WEBHOOK_PAYLOAD_TOO_LARGE', 413],
    ['undefined', undefined, 'WEBHOOK_PAYLOAD_NOT_SERIALIZABLE', 400],
    ['a bigint', 1n, 'WEBHOOK_PAYLOAD_NOT_SERIALIZABLE', 400],
    ['circular', circular, 'WEBHOOK_PAYLOAD_NOT_SERIALIZABLE', 400],
  ])('refuses a payload that is %s, and stores nothing', async (_what, payload, code, httpStatus) => {
    const queue = create({ maxPayloadBytes: 100 });
    await expect(queue.enqueue({ id: '1', type: 'a', payload })).rejects.toMatchObject({ name: 'WebhookQueueError', code, httpStatus });
    expect((await queue.getMetrics()).depth.redis?.['waiting']).toBe(0);
  });

  test('rejects after close()', async () => {
    const queue = create();
    await queue.close();
    await expect(queue.enqueue(event('1'))).rejects.toMatchObject({ code: 'WEBHOOK_QUEUE_CLOSED' });
    expect(() => queue.startWorker()).toThrow('Expected `processor` to be a function for startWorker(), got undefined');
  });
});

describe('attempts', () => {
  test('a failing event is tried again with growing waits, then dies; its dead letter tells all', async () => {
    const times: number[] = [];
    const queue = create({
      backoff: { delayMs: 40, factor: 2, maxMs: 60, jitter: 0 },
      processor: (_event, { attempt }) => {
        times.push(Date.now());
        throw new RangeError(`attempt ${attempt} of a card`);
      },
    });
    await queue.enqueue(event('evt_dead'));
    await eventually('it is dead', () => queue.events.length > 0);
    expect(queue.events).toEqual([
      { type: 'dead', queue: queue.name, eventId: 'evt_dead', errorType: 'RangeError', attempts: 4, traceId: undefined },
    ]);
    const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    for (const [index, least] of [40, 60, 60].entries()) expect(waits[index]).toBeGreaterThanOrEqual(least - 5);

    const letter = await queue.deadLetters.get('evt_dead');
    expect(letter).toMatchObject({
      id: 'evt_dead',
      type: 'transaction.completed',
      reason: 'attempt 4 of a card',
      payload: { amount: 1 },
      replays: 0,
    });
    expect(letter.attempts.map(({ attempt, errorType, message }) => [attempt, errorType, message])).toEqual(
      [1, 2, 3, 4].map((attempt) => [attempt, 'RangeError', `attempt ${attempt} of a card`]),
    );
    expect(letter.diedAt.getTime()).toBeGreaterThanOrEqual(letter.receivedAt.getTime());
  });

  test('retries: 0 means one attempt, an UnrecoverableError ends all', async () => {
    const processor = vi.fn((received: { type: string }) => {
      throw received.type === 'hopeless' ? new UnrecoverableError('no such customer') : new Error('again');
    });
    const once = create({ processor, retries: 0 });
    await once.enqueue(event('1'));
    const many = create({ processor, retries: 5 });
    await many.enqueue(event('2', 'hopeless'));
    await eventually('both are dead', () => once.events.length > 0 && many.events.length > 0);
    expect(processor).toHaveBeenCalledTimes(2);
    expect(many.events).toMatchObject([{ type: 'dead', errorType: 'UnrecoverableError', attempts: 1 }]);
  });

  test('pause() stops all workers of the queue, resume() ends it; concurrency can be changed', async () => {
    const processor = vi.fn();
    const queue = create({ processor, concurrency: 1 });
    await queue.pause();
    await queue.enqueue(event('1'));
    expect((await queue.getMetrics()).depth.redis).toMatchObject({ active: 0, completed: 0 });
    queue.concurrency = 20;
    expect(queue.concurrency).toBe(20);
    expect(() => {
      queue.concurrency = 0;
    }).toThrow(RangeError);
    await queue.resume();
    await eventually('it is done', () => processor.mock.calls.length === 1);
  });

  test('rateLimit bounds the jobs that begin', async () => {
    const processor = vi.fn();
    const queue = create({ processor, rateLimit: { max: 2, durationMs: 60_000 } });
    for (const id of ['1', '2', '3', '4']) await queue.enqueue(event(id));
    await eventually('two are done', async () => (await queue.getMetrics()).depth.redis?.['completed'] === 2);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(processor).toHaveBeenCalledTimes(2);
  });
});

describe('dead letters', () => {
  async function withDeadOnes(ids: string[], options: Partial<WebhookQueueOptions> = {}) {
    const state = { isMended: false };
    const done: string[] = [];
    const queue = create({
      retries: 0,
      processor: ({ id }) => {
        if (!state.isMended) throw new Error(`no luck with ${id}`);
        done.push(id);
      },
      ...options,
    });
    for (const id of ids) await queue.enqueue(event(id, id.split('-')[0]));
    await eventually('all are dead', async () => (await queue.deadLetters.count()) === ids.length);
    return { queue, done, mend: () => Object.assign(state, { isMended: true }) };
  }

  test('are listed by filter', async () => {
    const { queue } = await withDeadOnes(['paid-1', 'paid-2', 'refund-1']);
    const ids = async (filter: object, limit?: number) =>
      (await queue.deadLetters.list({ filter, ...(limit === undefined ? {} : { limit }) })).map(({ id }) => id).sort();
    expect(await ids({})).toEqual(['paid-1', 'paid-2', 'refund-1']);
    expect(await ids({ type: 'paid' })).toEqual(['paid-1', 'paid-2']);
    expect(await ids({ reason: 'luck with refund' })).toEqual(['refund-1']);
    expect(await ids({ diedBefore: new Date(0) })).toEqual([]);
    expect(await ids({ diedAfter: new Date(0) }, 1)).toHaveLength(1);
    expect((await queue.getMetrics()).deadLetters).toBe(3);
  });

  test('one is replayed with all its attempts', async () => {
    const { queue, done, mend } = await withDeadOnes(['paid-1']);
    await queue.deadLetters.replay('paid-1');
    await eventually('it is dead again', async () => (await queue.deadLetters.list())[0]?.replays === 1);
    mend();
    expect(await queue.deadLetters.replay('paid-1')).toEqual({ jobId: 'e-paid-1', traceId: undefined });
    await eventually('it is done', () => done.length === 1);
    expect(await queue.deadLetters.list()).toEqual([]);
    expect(queue.events.map(({ type }) => type)).toEqual(['dead', 'replayed', 'dead', 'replayed']);
    expect(await queue.enqueue(event('paid-1'))).toMatchObject({ mode: 'duplicate' });
  });

  test('many are replayed at a rate', async () => {
    const ids = Array.from({ length: 6 }, (_, index) => `paid-${index}`);
    const { queue, done, mend } = await withDeadOnes([...ids, 'refund-1']);
    mend();
    const started = performance.now();
    expect(await queue.deadLetters.replayAll({ filter: { type: 'paid' }, ratePerSecond: 20 })).toBe(6);
    expect(performance.now() - started).toBeGreaterThan(200);
    await eventually('they are done', () => done.length === 6);
    expect((await queue.deadLetters.list()).map(({ id }) => id)).toEqual(['refund-1']);
  });

  test('two replays at once put each back once, and neither fails', async () => {
    const ids = Array.from({ length: 20 }, (_, index) => `paid-${index}`);
    const { queue, done, mend } = await withDeadOnes(ids);
    mend();
    const counts = await Promise.all([1, 2, 3].map(() => queue.deadLetters.replayAll({ ratePerSecond: 10_000 })));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(20);
    await eventually('they are done', () => done.length === 20);
    expect(await queue.deadLetters.count()).toBe(0);
  });

  test('one replayed twice at once is not found the second time', async () => {
    const { queue, mend } = await withDeadOnes(['paid-1']);
    mend();
    const results = await Promise.allSettled([1, 2].map(() => queue.deadLetters.replay('paid-1')));
    const rejected = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    expect(rejected).toMatchObject([{ code: 'WEBHOOK_DEAD_LETTER_NOT_FOUND' }]);
  });

  test('one is removed for good; unknown ones are told from it', async () => {
    const { queue } = await withDeadOnes(['paid-1']);
    await queue.deadLetters.remove('paid-1');
    for (const call of ['get', 'replay', 'remove'] as const) {
      await expect(queue.deadLetters[call]('paid-1')).rejects.toMatchObject({ code: 'WEBHOOK_DEAD_LETTER_NOT_FOUND', httpStatus: 404 });
    }
    expect(await queue.enqueue(event('paid-1'))).toMatchObject({ mode: 'queued' });
  });

  test('a redelivery of a dead event is swallowed, or revives it', async () => {
    const swallowing = await withDeadOnes(['paid-1']);
    expect(await swallowing.queue.enqueue(event('paid-1', 'paid'))).toMatchObject({ mode: 'duplicate' });
    expect(await swallowing.queue.deadLetters.count()).toBe(1);
    const reviving = await withDeadOnes(['paid-1'], { deadLetters: { onRedelivery: 'revive' } });
    reviving.mend();
    expect(await reviving.queue.enqueue(event('paid-1', 'paid'))).toMatchObject({ mode: 'queued', store: 'redis' });
    await eventually('it is done', () => reviving.done.length === 1);
  });

  test('one that nobody announced, because its worker died, is announced by the next sweep', async () => {
    const { queue } = await withDeadOnes(['paid-1']);
    await eventually('it is announced', () => queue.events.length === 1);
    // As if the worker had died before it said so, a while ago.
    const redis = new Redis(connection);
    const key = `bull:${queue.name}:e-paid-1`;
    await eventually('the mark is written', async () => (await redis.llen(`${key}:logs`)) === 2);
    await redis.del(`${key}:logs`);
    await redis.hset(key, 'finishedOn', Date.now() - 10_000);
    redis.disconnect();
    const heir = create({ name: queue.name, processor: () => {}, sweepIntervalMs: 100 });
    await eventually('the heir announces it', () => heir.events.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(heir.events).toMatchObject([{ type: 'dead', eventId: 'paid-1', attempts: 1 }]);
  });
});

describe('without Redis', () => {
  async function withoutRedis(options: Partial<WebhookQueueOptions> = {}) {
    return create({ connection: `redis://127.0.0.1:${await freePort()}`, ...options });
  }

  test('enqueue rejects with a code, so that the provider delivers again', async () => {
    const queue = await withoutRedis();
    const refused = queue.enqueue(event('1'));
    await expect(refused).rejects.toBeInstanceOf(WebhookQueueError);
    await expect(refused).rejects.toMatchObject({ code: 'WEBHOOK_UNAVAILABLE', httpStatus: 503 });
    expect(queue.events).toEqual([{ type: 'degraded', queue: queue.name, eventId: '1', reason: 'unreachable', mode: 'rejected' }]);
  });

  test('directProcessorFallback runs the processor, and acknowledges only what it did', async () => {
    const processor = vi.fn(({ type }: { type: string }, { mode, store }: { mode: string; store: string }) => {
      if (type === 'bad') throw new Error('no');
      return [mode, store];
    });
    const queue = await withoutRedis({ processor, directProcessorFallback: true });
    expect(await queue.enqueue(event('1'))).toEqual({ mode: 'direct', store: 'none', jobId: 'e-1', traceId: undefined });
    expect(processor.mock.results[0]?.value).toEqual(['direct', 'none']);
    await expect(queue.enqueue(event('2', 'bad'))).rejects.toMatchObject({ code: 'WEBHOOK_DIRECT_FAILED', cause: { message: 'no' } });
    expect(queue.events.map((told) => (told.type === 'degraded' ? told.mode : told.type))).toEqual(['direct', 'rejected']);
  });

  test('direct processing is bounded in number and time', async () => {
    const signals: AbortSignal[] = [];
    const queue = await withoutRedis({
      processor: (_event, { signal }) => {
        signals.push(signal);
        return new Promise((resolve) => signal.addEventListener('abort', resolve));
      },
      directProcessorFallback: { concurrency: 1, timeoutMs: 200 },
    });
    const slow = queue.enqueue(event('1'));
    const outcome = expect(slow).rejects.toMatchObject({ code: 'WEBHOOK_DIRECT_TIMEOUT' });
    await eventually('it runs', () => signals.length === 1);
    await expect(queue.enqueue(event('2'))).rejects.toMatchObject({ code: 'WEBHOOK_DIRECT_BUSY' });
    await outcome;
    expect(signals[0]?.aborted).toBe(true);
  });

  test('getMetrics(), pause() and close() end soon all the same', async () => {
    const queue = await withoutRedis({ processor: () => {} });
    expect(await queue.getMetrics()).toMatchObject({ depth: { redis: undefined, postgres: undefined }, deadLetters: 0 });
    await expect(queue.pause()).rejects.toThrow();
    expect(await queue.deadLetters.list()).toEqual([]);
    await queue.close({ timeoutMs: 3000 });
  });
});

test('a Redis that does not answer is ambiguous: without claims nothing runs elsewhere, also not when it is delivered again', async () => {
  const link = await SlowLink.to(Number(new URL(connection).port));
  const processor = vi.fn();
  const path = new URL(connection).pathname;
  const queue = create({
    processor,
    directProcessorFallback: true,
    enqueueTimeoutMs: 500,
    connection: `redis://127.0.0.1:${link.port}${path}`,
  });
  await eventually('the queue is connected', () => queue.enqueue(event('0')).then(({ store }) => store === 'redis'));
  link.cut();
  for (let delivery = 0; delivery < 2; delivery++) {
    await expect(queue.enqueue(event('1'))).rejects.toMatchObject({ code: 'WEBHOOK_AMBIGUOUS', httpStatus: 503 });
  }
  // This one was never sent: surely not in Redis.
  expect(await queue.enqueue(event('2'))).toMatchObject({ mode: 'direct' });
  link.heal();
  const again = () =>
    queue.enqueue(event('1')).then(
      ({ store }) => store === 'redis',
      () => false,
    );
  await eventually('Redis takes events again', again);
  await eventually('it is done', () => processor.mock.calls.some(([{ id }]) => id === '1'));
  expect(processor.mock.calls.map(([{ id }]) => id).filter((id) => id !== '0')).toEqual(['2', '1']);
  await queue.close({ timeoutMs: 1000 });
  await link.close();
});
