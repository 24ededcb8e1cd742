// What becomes of an attempt whose transaction PostgreSQL does not keep, or that a processor uses in ways of its own.
import { Pool, Query } from 'pg';
import Cursor from 'pg-cursor';
import QueryStream from 'pg-query-stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { routeEvents } from '../../src/index.ts';
import { type QueueEvent, type Transaction, WebhookQueue, type WebhookQueueOptions } from '../../src/webhooks/library.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/ports.ts';
import { freshDatabase, freshRedis } from '../support/servers.ts';

let url: string;
let sql: Pool;

beforeAll(async () => {
  routeEvents('off');
  url = await freshDatabase();
  sql = new Pool({ connectionString: url });
  await sql.query(`CREATE TABLE ledger (event_id text);
    CREATE TABLE parent (id text PRIMARY KEY);
    CREATE TABLE child (id text REFERENCES parent DEFERRABLE INITIALLY DEFERRED)`);
});
afterAll(() => sql.end());
beforeEach(async () => {
  await sql.query('TRUNCATE ledger');
});

const queues: WebhookQueue[] = [];
afterEach(() => Promise.all(queues.splice(0).map((queue) => queue.close({ timeoutMs: 2000 }))));

const rows = async () =>
  (await sql.query<{ event_id: string }>('SELECT event_id FROM ledger ORDER BY 1')).rows.map(({ event_id }) => event_id);
const write = (transaction: Transaction | undefined, id: string) => transaction?.query('INSERT INTO ledger VALUES ($1)', [id]);

let count = 0;
function create(options: Partial<WebhookQueueOptions> & Pick<WebhookQueueOptions, 'connection'>) {
  const events: QueueEvent[] = [];
  const queue = new WebhookQueue({
    name: `transactions-${count++}`,
    backoff: { delayMs: 10 },
    enqueueTimeoutMs: 10_000,
    claims: { connection: url },
    onEvent: (event) => events.push(event),
    ...options,
  });
  queues.push(queue);
  return Object.assign(queue, { events });
}

describe('what PostgreSQL refuses uses an attempt, and ends as a dead letter', () => {
  const run = async (options: Partial<WebhookQueueOptions>) => {
    const queue = create({ connection: await freshRedis(), retries: 1, ...options });
    queue.startWorker();
    await queue.enqueue({ id: 'e', type: 'paid', payload: {} });
    const dead = await eventually('it is dead', () => queue.events.find(({ type }) => type === 'dead'));
    expect(queue.events).toEqual([dead]);
    return dead;
  };

  test('a deferred constraint, at COMMIT', async () => {
    let runs = 0;
    const dead = await run({
      processor: async (_event, { transaction }) => {
        runs++;
        await transaction?.query("INSERT INTO child VALUES ('nobody')");
      },
    });
    expect(dead).toMatchObject({ errorType: '23503', attempts: 2 });
    expect(runs).toBe(2);
  });

  test('a transaction that was idle for too long', async () => {
    const dead = await run({
      claims: { connection: url },
      processor: async (_event, { transaction }) => {
        const ended = new Promise((resolve) => transaction?.once('error', resolve));
        // From here on: where it is a setting of the connection, a busy machine is over it between our own statements.
        await transaction?.query('SET LOCAL idle_in_transaction_session_timeout = 30');
        await ended;
      },
    });
    expect(dead).toMatchObject({ errorType: '25P03', attempts: 2 });
  });

  test('no right to insert claims: the processor never runs', async () => {
    await create({ connection: await freshRedis() }).close();
    await sql.query(
      "CREATE SCHEMA foreign_claims; CREATE ROLE webhooks_reader LOGIN PASSWORD 'x'; GRANT USAGE ON SCHEMA foreign_claims TO webhooks_reader",
    );
    await sql.query(
      'CREATE TABLE foreign_claims.webhook_claim (queue text, event_key text, claimed_at timestamptz DEFAULT now(), PRIMARY KEY (queue, event_key))',
    );
    const address = new URL(url);
    address.username = 'webhooks_reader';
    address.password = 'x';
    let runs = 0;
    const dead = await run({
      claims: { connection: address.href, schema: 'foreign_claims', migrate: false },
      processor: () => runs++,
    });
    expect(dead).toMatchObject({ errorType: '42501', attempts: 2 });
    expect(runs).toBe(0);
  });

  test('no table of claims', async () => {
    expect(await run({ claims: { connection: url, schema: 'nowhere', migrate: false }, processor: () => {} })).toMatchObject({
      errorType: '42P01',
    });
  });
});

test.each(['before COMMIT', 'in a query'])('a backend that is killed %s postpones its event, and says so', async (when) => {
  let runs = 0;
  const queue = create({
    connection: await freshRedis(),
    retries: 0,
    processor: async ({ id }, { transaction }) => {
      await write(transaction, id);
      if (runs++ > 0) return;
      const { rows: found } = (await transaction?.query('SELECT pg_backend_pid() AS pid')) ?? { rows: [] };
      const lost = new Promise((resolve) => transaction?.once('error', resolve));
      const query = when === 'in a query' ? transaction?.query('SELECT pg_sleep(60)') : undefined;
      // The backend may be gone before this is answered.
      await Promise.all([query, sql.query('SELECT pg_terminate_backend($1)', [found[0]?.pid])]);
      await lost;
    },
  });
  queue.startWorker();
  await queue.enqueue({ id: 'killed', type: 'paid', payload: {} });
  await eventually('it is done', async () => (await queue.getMetrics()).depth.redis?.['completed'] === 1);
  expect(await rows()).toEqual(['killed']);
  expect(queue.events).toEqual([
    { type: 'postponed', queue: queue.name, eventId: 'killed', reason: 'unavailable', hasRun: true, count: 1 },
  ]);
});

test('errors with texts that PostgreSQL refuses end as dead letters of the spill all the same, and payloads arrive whole', async () => {
  const text = 'NUL \0, unpaired \ud800';
  const payloads: unknown[] = [];
  const queue = create({
    connection: `redis://127.0.0.1:${await freePort()}`,
    spill: { connection: url },
    retries: 1,
    processor: ({ payload }) => {
      payloads.push(payload);
      throw new RangeError(text);
    },
  });
  queue.startWorker();
  expect(await queue.enqueue({ id: 'odd', type: 'paid', payload: { text } })).toMatchObject({ store: 'postgres' });
  await eventually('it is dead', () => queue.events.some(({ type }) => type === 'dead'));
  expect(payloads).toEqual([{ text }, { text }]);
  const letter = await queue.deadLetters.get('odd');
  expect(letter).toMatchObject({ payload: { text }, reason: 'NUL \ufffd, unpaired \ufffd' });
  expect(letter.attempts.map(({ errorType, message }) => [errorType, message])).toEqual([
    ['RangeError', text],
    ['RangeError', text],
  ]);
});

describe('the transaction of a processor', () => {
  /** Runs one webhook directly, so that what its attempt failed of is what `enqueue` rejects with. */
  const run = async (work: (transaction: Transaction) => unknown) => {
    const queue = create({
      connection: `redis://127.0.0.1:${await freePort()}`,
      directProcessorFallback: true,
      processor: (_event, { transaction }) => (transaction === undefined ? undefined : work(transaction)),
    });
    const outcome = await queue.enqueue({ id: 'direct', type: 'paid', payload: {} }).catch((error: unknown) => error);
    return { queue, outcome };
  };
  const CONTROL = { code: 'WEBHOOK_TRANSACTION_CONTROL' };
  const ENDED = { code: 'WEBHOOK_TRANSACTION_ENDED' };

  test('ends with its attempt: a branch that goes on after a failure writes nothing, and the queue tells it', async () => {
    let goOn = () => {};
    let late: Promise<unknown> = Promise.resolve();
    const { queue, outcome } = await run((transaction) => {
      const branch = async () => {
        await write(transaction, 'early');
        await new Promise<void>((resolve) => (goOn = resolve));
        await write(transaction, 'late');
      };
      late = branch();
      return Promise.all([late, transaction.query('SELECT nonsense')]);
    });
    expect(outcome).toMatchObject({ code: 'WEBHOOK_DIRECT_FAILED', cause: { code: '42703' } });
    goOn();
    await expect(late).rejects.toMatchObject(ENDED);
    expect(await rows()).toEqual([]);
    expect(queue.events.map(({ type }) => type)).toEqual(['degraded', 'late_query']);
  });

  test('ends in every form of a query, and is told once', async () => {
    let kept: Transaction | undefined;
    const { queue, outcome } = await run((transaction) => {
      kept = transaction;
    });
    expect(outcome).toMatchObject({ mode: 'direct' });
    await expect(kept?.query('SELECT 1')).rejects.toMatchObject(ENDED);
    await expect(kept?.query({ text: 'SELECT 1' })).rejects.toMatchObject(ENDED);
    expect(await new Promise((resolve) => kept?.query('SELECT 1', resolve))).toMatchObject(ENDED);
    expect(await new Promise((resolve) => kept?.query('SELECT $1', [1], resolve))).toMatchObject(ENDED);
    expect(await new Promise((resolve) => kept?.query(new Query('SELECT 1')).on('error', resolve))).toMatchObject(ENDED);
    await expect(kept?.query(new Cursor('SELECT 1')).read(1)).rejects.toMatchObject(ENDED);
    expect(await new Promise((resolve) => kept?.query(new QueryStream('SELECT 1')).on('error', resolve).resume())).toMatchObject(ENDED);
    expect(queue.events.filter(({ type }) => type === 'late_query')).toHaveLength(1);
  });

  test('keeps what was sent and not awaited', async () => {
    const { outcome } = await run((transaction) => {
      void write(transaction, 'not awaited');
      transaction.query("INSERT INTO ledger VALUES ('by callback')", () => {});
    });
    expect(outcome).toMatchObject({ mode: 'direct' });
    expect(await rows()).toEqual(['by callback', 'not awaited']);
  });

  test('takes queries in every form', async () => {
    const seen: unknown[] = [];
    const { outcome } = await run(async (transaction) => {
      seen.push((await transaction.query('SELECT 1 AS n')).rows);
      seen.push((await transaction.query('SELECT $1::int AS n', [2])).rows);
      seen.push((await transaction.query({ text: 'SELECT $1::int AS n', values: [3], name: 'three' })).rows);
      seen.push(await new Promise((resolve) => transaction.query('SELECT 4 AS n', (_error, result) => resolve(result.rows))));
      const cursor = transaction.query(new Cursor<{ n: number }>('SELECT 5 AS n'));
      seen.push(await cursor.read(10));
      await cursor.close();
      for await (const row of transaction.query(new QueryStream('SELECT 6 AS n'))) seen.push([row]);
      await transaction.query('SAVEPOINT a; INSERT INTO ledger VALUES (1); ROLLBACK TO SAVEPOINT a; RELEASE SAVEPOINT a');
      await write(transaction, transaction.escapeLiteral("o'"));
    });
    expect(outcome).toMatchObject({ mode: 'direct' });
    expect(seen.flat()).toEqual([1, 2, 3, 4, 5, 6].map((n) => ({ n })));
    expect(await rows()).toEqual(["'o'''"]);
  });

  test.each<[string, (transaction: Transaction) => unknown]>([
    ['COMMIT', (transaction) => transaction.query('COMMIT')],
    ['ROLLBACK in a config', (transaction) => transaction.query({ text: 'rollback' })],
    [
      'BEGIN by callback',
      (transaction) => new Promise((resolve, reject) => transaction.query('BEGIN', (error) => (error ? reject(error) : resolve(0)))),
    ],
    ['COMMIT among others', (transaction) => transaction.query('SELECT 1; COMMIT; BEGIN')],
    ['COMMIT in a cursor', (transaction) => transaction.query(new Cursor('COMMIT')).read(1)],
    ['release()', (transaction) => transaction.release()],
    ['end()', (transaction) => transaction.end()],
    ['COMMIT that the processor does not notice', (transaction) => transaction.query('COMMIT').catch(() => {})],
  ])('refuses %s, and keeps nothing', async (_what, control) => {
    const { outcome } = await run(async (transaction) => {
      await write(transaction, 'half');
      await control(transaction);
    });
    expect(outcome).toMatchObject(CONTROL);
    expect(await rows()).toEqual([]);
    // Not taken for done.
    expect(
      (await sql.query("SELECT 1 FROM sietch_queue.webhook_claim WHERE queue LIKE 'transactions-%' AND event_key = 'e-direct'")).rowCount,
    ).toBe(doneBefore);
  });
  let doneBefore = 0;
  beforeEach(async () => {
    const { rowCount } = await sql.query(
      "SELECT 1 FROM sietch_queue.webhook_claim WHERE queue LIKE 'transactions-%' AND event_key = 'e-direct'",
    );
    doneBefore = rowCount ?? 0;
  });

  // With strings of old, where a backslash escapes, this text ends elsewhere than PostgreSQL's lexical rules say by default.
  const HIDDEN = (word: string) => `SELECT 'a\\''; ${word}; SELECT 'b'`;

  test.each(['COMMIT', 'COMMIT AND CHAIN', 'COMMIT; BEGIN', 'ROLLBACK', 'ROLLBACK AND CHAIN'])(
    'finds out when the processor has hidden %s: no claim is kept, and the event is no duplicate',
    async (word) => {
      let isMended = false;
      const queue = create({
        connection: await freshRedis(),
        processor: async ({ id }, { transaction }) => {
          if (isMended) return await write(transaction, id);
          await transaction?.query('SET LOCAL standard_conforming_strings = off');
          return await transaction?.query(HIDDEN(word));
        },
      });
      queue.startWorker();
      await queue.enqueue({ id: 'hidden', type: 'paid', payload: {} });
      expect(await eventually('it is dead', () => queue.events.find(({ type }) => type === 'dead'))).toMatchObject({
        errorType: 'WEBHOOK_TRANSACTION_CONTROL',
        attempts: 1,
      });
      isMended = true;
      await queue.deadLetters.replay('hidden');
      await eventually('it is done', async () => (await rows()).length === 1);
    },
  );

  test('is not kept with a cursor that has no end', async () => {
    const { outcome } = await run(async (transaction) => {
      await write(transaction, 'open cursor');
      await transaction.query(new Cursor('SELECT generate_series(1, 100)')).read(1);
    });
    expect(outcome).toMatchObject({ code: 'WEBHOOK_TRANSACTION_BUSY' });
    expect(await rows()).toEqual([]);
  });
});
