// Whatever a processor throws is a failed attempt that is kept, tried again after its backoff, and a dead letter in the end; in both stores.
import { createRequire } from 'node:module';
import { runInNewContext } from 'node:vm';
import { UnrecoverableError as BullUnrecoverableError, DelayedError, RateLimitError, WaitingChildrenError, WaitingError } from 'bullmq';
import { beforeAll, expect, test } from 'vitest';
import { routeEvents } from '../../src/index.ts';
import { type QueueEvent, UnrecoverableError, WebhookQueue } from '../../src/webhooks/library.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/ports.ts';
import { freshDatabase, freshRedis } from '../support/servers.ts';

// An app's own copy of BullMQ, which is not the one that WebhookQueue loads.
const copy: typeof import('bullmq') = createRequire(import.meta.url)('bullmq5');

class Later extends DelayedError {}
class Hopeless extends UnrecoverableError {}
class HopelessToo extends copy.UnrecoverableError {}

const unreadable = new Proxy(new Error('x'), {
  get() {
    throw new Error('not to be read');
  },
});

const RETRIES = 1;
const TWICE = RETRIES + 1;
const moved = (name: string, message = '') => [`${name} counts as a failed attempt here: ${message}`, 'JobNotMovedError', TWICE] as const;
/** What is thrown; the reason and the class of the dead letter; how many attempts there were. */
const CASES: Record<string, readonly [unknown, string, string, number]> = {
  null: [null, 'The processor threw null', 'ThrownValueError', TWICE],
  undefined: [undefined, 'The processor threw undefined', 'ThrownValueError', TWICE],
  text: ['no such order', 'no such order', 'ThrownValueError', TWICE],
  'empty text': ['', 'The processor threw an empty string', 'ThrownValueError', TWICE],
  number: [404, 'The processor threw 404', 'ThrownValueError', TWICE],
  symbol: [Symbol('s'), 'The processor threw Symbol(s)', 'ThrownValueError', TWICE],
  object: [{ status: 500 }, 'The processor threw an object that is no error', 'ThrownValueError', TWICE],
  'object without a prototype': [Object.create(null), 'The processor threw an object that is no error', 'ThrownValueError', TWICE],
  'like an error': [{ name: 'HttpError', message: 'gone' }, 'gone', 'HttpError', TWICE],
  'of another realm': [runInNewContext('new RangeError("far away")'), 'far away', 'RangeError', TWICE],
  unreadable: [unreadable, 'The processor threw something that cannot be read', 'ThrownValueError', TWICE],
  'with another kind of message': [
    Object.assign(new Error(), { message: { a: 1 } }),
    'The processor threw an object that is no error',
    'ThrownValueError',
    TWICE,
  ],
  'with a long message': [new TypeError('x'.repeat(100_000)), `${'x'.repeat(2000)}…`, 'TypeError', TWICE],
  DelayedError: [new DelayedError(), ...moved('DelayedError', 'bullmq:movedToDelayed')],
  WaitingError: [new WaitingError(), ...moved('WaitingError', 'bullmq:movedToWait')],
  WaitingChildrenError: [new WaitingChildrenError(), ...moved('WaitingChildrenError', 'bullmq:movedToWaitingChildren')],
  RateLimitError: [new RateLimitError(), ...moved('RateLimitError', 'bullmq:rateLimitExceeded')],
  'a copy of DelayedError': [new copy.DelayedError('x'), ...moved('DelayedError', 'x')],
  'the name of DelayedError': [Object.assign(new Error('x'), { name: 'DelayedError' }), ...moved('DelayedError', 'x')],
  'a kind of DelayedError': [new Later('x'), ...moved('DelayedError', 'x')],
  "BullMQ's rate-limit message": [new Error('bullmq:rateLimitExceeded'), ...moved('RateLimitError', 'bullmq:rateLimitExceeded')],
  UnrecoverableError: [new UnrecoverableError('x'), 'x', 'UnrecoverableError', 1],
  "BullMQ's UnrecoverableError": [new BullUnrecoverableError('x'), 'x', 'UnrecoverableError', 1],
  'a copy of UnrecoverableError': [new copy.UnrecoverableError('x'), 'x', 'UnrecoverableError', 1],
  'a kind of UnrecoverableError': [new Hopeless('x'), 'x', 'UnrecoverableError', 1],
  'a kind of a copy of UnrecoverableError': [new HopelessToo('x'), 'x', 'UnrecoverableError', 1],
  'the name of UnrecoverableError': [Object.assign(new Error('x'), { name: 'UnrecoverableError' }), 'x', 'UnrecoverableError', 1],
};

beforeAll(() => routeEvents('off'));

test.each(['redis', 'postgres'] as const)('in %s', async (store) => {
  const events: QueueEvent[] = [];
  const calls: string[] = [];
  const connection = store === 'redis' ? await freshRedis() : `redis://127.0.0.1:${await freePort()}`;
  const queue = new WebhookQueue({
    name: 'thrown',
    connection,
    ...(store === 'redis' ? {} : { spill: { connection: await freshDatabase() } }),
    retries: RETRIES,
    backoff: { delayMs: 20 },
    lockDurationMs: 1000,
    onEvent: (event) => events.push(event),
    processor: ({ id }) => {
      calls.push(id);
      throw CASES[id]?.[0];
    },
  });
  queue.startWorker();
  try {
    const ids = Object.keys(CASES);
    for (const id of ids) expect(await queue.enqueue({ id, type: 'paid', payload: {} })).toMatchObject({ store });
    await eventually('all are dead', async () => (await queue.deadLetters.count()) === ids.length);
    for (const id of ids) {
      const [, reason, errorType, attempts] = CASES[id] ?? [];
      const letter = await queue.deadLetters.get(id);
      expect(letter, id).toMatchObject({ reason });
      expect(letter.attempts, id).toHaveLength(attempts ?? 0);
      expect(letter.attempts[0], id).toMatchObject({ errorType });
      expect(
        calls.filter((called) => called === id),
        id,
      ).toHaveLength(attempts ?? 0);
      await eventually('it is told', () =>
        events.some((event) => event.type === 'dead' && event.eventId === id && event.errorType === errorType),
      );
    }
    expect(events.filter(({ type }) => type === 'stalled')).toEqual([]);
  } finally {
    await queue.close({ timeoutMs: 2000 });
  }
});
