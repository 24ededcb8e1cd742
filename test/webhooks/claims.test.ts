// Claims in a real PostgreSQL: the work of an event becomes lasting once, together with its claim.
import { Pool } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { routeEvents } from '../../src/index.ts';
import { ClaimError, type ClaimStore, type QueueEvent, WebhookQueue, type WebhookQueueOptions } from '../../src/webhooks/library.ts';
import { createPostgresClaims } from '../../src/webhooks/postgres-claims.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/ports.ts';
import { freshDatabase, freshRedis } from '../support/servers.ts';

let url: string;
let sql: Pool;

beforeAll(async () => {
  routeEvents('off');
  url = await freshDatabase();
  sql = new Pool({ connectionString: url });
  await sql.query('CREATE TABLE ledger (event_id text)');
});
afterAll(() => sql.end());
beforeEach(async () => {
  await sql.query('TRUNCATE ledger');
});

const place = () => ({ connection: url, schema: 'sietch_queue', migrate: true });
const rows = async () =>
  (await sql.query<{ event_id: string }>('SELECT event_id FROM ledger ORDER BY 1')).rows.map(({ event_id }) => event_id);

describe('the store', () => {
  const stores: ClaimStore[] = [];
  const open = (settings: object = {}) => {
    const store = createPostgresClaims({ ...place(), ...settings }, 5);
    stores.push(store);
    return store;
  };
  afterEach(() => Promise.all(stores.splice(0).map((store) => store.close())));

  const write = (id: string) => (transaction: { query(text: string, values: unknown[]): Promise<unknown> }) =>
    transaction.query('INSERT INTO ledger VALUES ($1)', [id]);

  test('runs work once; other processes may create the table at the same time', async () => {
    const [one, other] = [open(), open()];
    const results = await Promise.all([one, other, one, other].map((store) => store.once('q', 'e-1', write('e-1'))));
    expect(results.filter(({ isFirst }) => isFirst)).toHaveLength(1);
    expect(await rows()).toEqual(['e-1']);
    expect(await open().once('another queue', 'e-1', write('again'))).toMatchObject({ isFirst: true });
  });

  test('work that fails leaves nothing and can be done again', async () => {
    const store = open();
    const failing = store.once('q', 'e-2', async (transaction) => {
      await write('e-2')(transaction);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await rows()).toEqual([]);
    expect(await store.once('q', 'e-2', write('e-2'))).toMatchObject({ isFirst: true });
  });

  test('work that went on after a failed statement is not taken for done', async () => {
    const store = open();
    const careless = store.once('q', 'e-3', async (transaction) => {
      await write('e-3')(transaction);
      await transaction.query('SELECT nonsense').catch(() => {});
    });
    await expect(careless).rejects.toThrow('A statement of the transaction failed');
    expect(await rows()).toEqual([]);
  });

  test('a claim that another holds is waited for, then busy', async () => {
    const store = open();
    let release = () => {};
    const held = store.once('q', 'e-4', () => new Promise<void>((resolve) => (release = resolve)));
    const waiting = async () => {
      await eventually(
        'the claim is held',
        async () => (await sql.query("SELECT 1 FROM pg_stat_activity WHERE state = 'idle in transaction'")).rowCount === 1,
      );
      await expect(store.once('q', 'e-4', write('e-4'))).rejects.toMatchObject({ name: 'ClaimError', reason: 'busy' });
      release();
    };
    await Promise.all([held, waiting()]);
    expect(await store.once('q', 'e-4', write('e-4'))).toEqual({ isFirst: false });
  });

  test('the limit of the wait for a claim is none of the statements of the work', async () => {
    const store = open({ connection: { connectionString: url, options: '-c lock_timeout=7777' } });
    const { rows: limits } = await new Promise<{ rows: unknown[] }>((resolve, reject) => {
      store.once('q', 'e-limit', async (transaction) => resolve(await transaction.query('SHOW lock_timeout'))).catch(reject);
    });
    expect(limits).toEqual([{ lock_timeout: '7777ms' }]);
  });

  test('a server that is away is unavailable', async () => {
    const store = open({ connection: `postgres://nobody@127.0.0.1:${await freePort()}/x` });
    await expect(store.once('q', 'e-5', write('e-5'))).rejects.toBeInstanceOf(ClaimError);
    await expect(store.once('q', 'e-5', write('e-5'))).rejects.toMatchObject({ reason: 'unavailable' });
  });

  test('old claims are forgotten', async () => {
    const store = open();
    await store.once('old', 'e-6', write('e-6'));
    await store.forget('old', 60_000);
    expect(await store.once('old', 'e-6', write('e-6'))).toEqual({ isFirst: false });
    await store.forget('old', -60_000);
    expect(await store.once('old', 'e-6', write('e-6'))).toMatchObject({ isFirst: true });
  });
});

describe('a queue with claims', () => {
  const queues: WebhookQueue[] = [];
  afterEach(() => Promise.all(queues.splice(0).map((queue) => queue.close({ timeoutMs: 2000 }))));

  let count = 0;
  const create = (options: Partial<WebhookQueueOptions> & Pick<WebhookQueueOptions, 'connection'>) => {
    const events: QueueEvent[] = [];
    const queue = new WebhookQueue({
      name: `claims-${count++}`,
      backoff: { delayMs: 10 },
      enqueueTimeoutMs: 10_000,
      onEvent: (event) => events.push(event),
      ...options,
    });
    queues.push(queue);
    return Object.assign(queue, { events });
  };
  const event = (id: string) => ({ id, type: 'paid', payload: {} });
  const ledger: WebhookQueueOptions['processor'] = async ({ id }, { transaction }) => {
    await transaction?.query('INSERT INTO ledger VALUES ($1)', [id]);
  };

  test('does what its transaction writes once, in the queue and directly', async () => {
    const redis = await freshRedis();
    const direct = create({
      name: 'shared',
      connection: `redis://127.0.0.1:${await freePort()}`,
      claims: place(),
      processor: ledger,
      directProcessorFallback: true,
    });
    expect(await direct.enqueue(event('1'))).toMatchObject({ mode: 'direct' });
    expect(await direct.enqueue(event('1'))).toMatchObject({ mode: 'duplicate', store: 'none' });
    const queued = create({ name: 'shared', connection: redis, claims: place(), processor: ledger });
    queued.startWorker();
    expect(await queued.enqueue(event('1'))).toMatchObject({ mode: 'queued' });
    await eventually('it is done with', async () => (await queued.getMetrics()).depth.redis?.['completed'] === 1);
    expect(await rows()).toEqual(['1']);
  });

  test('concurrency that is raised later raises the number of claims, too', async () => {
    let running = 0;
    let release = () => {};
    const released = new Promise<void>((resolve) => (release = resolve));
    const processor = async () => {
      running++;
      await released;
    };
    const queue = create({ connection: await freshRedis(), claims: place(), concurrency: 1, processor });
    queue.concurrency = 8;
    queue.startWorker();
    await Promise.all(Array.from({ length: 8 }, (_, index) => queue.enqueue(event(`wide-${index}`))));
    await eventually('all run at once', () => running === 8);
    release();
    await eventually('all are done', async () => (await queue.getMetrics()).depth.redis?.['completed'] === 8);
    expect(queue.events).toEqual([]);
  });

  test('spills into PostgreSQL, where the same worker drains it', async () => {
    const queue = create({ connection: `redis://127.0.0.1:${await freePort()}`, spill: place(), processor: ledger });
    queue.startWorker();
    expect(await queue.enqueue(event('2'))).toMatchObject({ mode: 'queued', store: 'postgres', jobId: 'e-2' });
    expect(await queue.enqueue(event('2'))).toMatchObject({ mode: 'duplicate', store: 'postgres' });
    await eventually('it is done', async () => (await rows()).length === 1);
    expect(queue.events).toMatchObject([
      { type: 'degraded', reason: 'unreachable', mode: 'spill' },
      { type: 'degraded', reason: 'unreachable', mode: 'spill' },
    ]);
  });

  test('dead letters of the spill are dead letters like others', async () => {
    let isMended = false;
    const queue = create({
      connection: `redis://127.0.0.1:${await freePort()}`,
      spill: place(),
      retries: 1,
      processor: (received, context) => {
        if (!isMended) throw new Error('not yet');
        return ledger(received, context);
      },
    });
    queue.startWorker();
    await queue.enqueue(event('3'));
    await eventually('it is dead', () => queue.events.some(({ type }) => type === 'dead'));
    expect(await queue.deadLetters.list()).toMatchObject([{ id: '3', store: 'postgres', reason: 'not yet' }]);
    expect((await queue.deadLetters.get('3')).attempts).toHaveLength(2);
    isMended = true;
    await queue.deadLetters.replay('3');
    await eventually('it is done', async () => (await rows()).length === 1);
    expect(await queue.deadLetters.count()).toBe(0);
  });

  test('an attempt that the claim store can not serve does not count', async () => {
    let isAway = true;
    const real = createPostgresClaims(place(), 5);
    const claims: ClaimStore = {
      once: async (...args) => {
        if (isAway) throw new ClaimError('busy');
        return await real.once(...args);
      },
      forget: (...args) => real.forget(...args),
      close: () => real.close(),
    };
    const attempts: number[] = [];
    const queue = create({
      connection: await freshRedis(),
      claims,
      retries: 0,
      processor: (_event, { attempt }) => attempts.push(attempt),
    });
    queue.startWorker();
    await queue.enqueue(event('4'));
    await eventually('it is postponed', async () => (await queue.getMetrics()).depth.redis?.['delayed'] === 1);
    isAway = false;
    await eventually('it is done', () => attempts.length === 1);
    expect(attempts).toEqual([1]);
    expect(queue.events[0]).toMatchObject({ type: 'postponed', eventId: '4', reason: 'busy', hasRun: false, count: 1 });
    expect(queue.events.filter(({ type }) => type !== 'postponed')).toEqual([]);
  });
});
