// Batches of a spill worker do to jobs what BullMQ's own functions do, and leave to these what they cannot do.
import { Client } from 'pg';
import { afterEach, expect, test } from 'vitest';
import { readOptions } from '../../src/webhooks/read-options.ts';
import { SpillStore } from '../../src/webhooks/spill-store.ts';
import type { JobProcessor, StoreWorker } from '../../src/webhooks/webhook-store.ts';
import { eventually } from '../support/eventually.ts';
import { freshDatabase } from '../support/servers.ts';

const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

async function createStore(options: { rateLimit?: { max: number; durationMs: number } } = {}) {
  const url = await freshDatabase();
  const settled = readOptions({ name: 'batches', connection: 'redis://127.0.0.1:1', spill: { connection: url }, ...options });
  if (settled.spill === undefined) throw new Error('no spill');
  const store = new SpillStore(settled.spill, settled);
  const sql = new Client({ connectionString: url });
  await sql.connect();
  open.push(store, { close: () => sql.end() });
  await store.queue();
  return {
    sql,
    add: async (id: string, attempts = 1) => {
      const data = { id, type: 'paid', payload: {}, receivedAt: 0, trace: {} };
      await store.add(id, data, { attempts, backoff: { type: 'fixed', delay: 1 } });
    },
    queue: () => store.queue(),
    start: async (process: JobProcessor, concurrency = 20) => {
      const worker = await store.createWorker(process, { concurrency, lockDuration: settled.lockDurationMs });
      open.push({ close: () => worker.close(true) });
      return worker;
    },
  };
}

/** BullMQ's methods are its class's; ours are put over them. */
function isBatching(worker: StoreWorker): boolean {
  const backend: unknown = Reflect.get(worker, 'backend');
  return typeof backend === 'object' && backend !== null && Object.hasOwn(backend, 'moveToCompleted');
}

function ids(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `e-${index}`);
}

test('the installed BullMQ is one that batches are written after', async () => {
  const { start } = await createStore();
  expect(isBatching(await start(async () => {}))).toBe(true);
});

test('functions of BullMQ that are not known are called as they are', async () => {
  const { add, sql, start } = await createStore();
  const { rows } = await sql.query("SELECT pg_get_functiondef('sietch_queue.move_to_active'::regproc) AS text");
  await sql.query(String(rows[0].text).replace('BEGIN', 'BEGIN -- another version'));
  await add('e-1');
  const done: unknown[] = [];
  expect(isBatching(await start(async (job) => void done.push(job.id)))).toBe(false);
  await eventually('the job has run', () => done.length === 1);
});

test('a rate limit is left to BullMQ', async () => {
  const { start } = await createStore({ rateLimit: { max: 1, durationMs: 1000 } });
  expect(isBatching(await start(async () => {}))).toBe(false);
});

test('jobs are completed as BullMQ completes them, in fewer statements than jobs', async () => {
  const { add, queue, sql, start } = await createStore();
  for (const id of ids(200)) await add(id);
  await sql.query('SELECT pg_stat_statements_reset()');
  const worker = await start(async () => {});
  await eventually('all are completed', async () => (await (await queue()).getJobCounts('completed'))['completed'] === 200);
  const { rows } = await sql.query(`SELECT DISTINCT state, attempts_made, attempts_started, lock_token, locked_until_ms, return_value,
    processed_at_ms IS NOT NULL AND finished_at_ms >= processed_at_ms AS dated FROM sietch_queue.job`);
  const completed = {
    state: 'completed',
    attempts_made: 1,
    attempts_started: 1,
    lock_token: null,
    locked_until_ms: null,
    return_value: null,
  };
  expect(rows).toEqual([{ ...completed, dated: true }]);
  const calls = await sql.query(
    "SELECT sum(calls)::int AS calls FROM pg_stat_statements WHERE query LIKE '%move_to_%' OR query LIKE '%job SET%'",
  );
  expect(calls.rows[0].calls).toBeLessThan(200);
  expect(isBatching(worker)).toBe(true);
});

test('a paused queue gives no jobs, a resumed one does', async () => {
  const { add, queue, start } = await createStore();
  await (await queue()).pause();
  for (const id of ids(30)) await add(id);
  const done: unknown[] = [];
  const worker = await start(async (job) => void done.push(job.id));
  const backend: unknown = Reflect.get(worker, 'backend');
  expect(await callMethod(backend, 'moveToActive', 'a-token')).toEqual([null, '', 0, 0]);
  expect(done).toEqual([]);
  await (await queue()).resume();
  await eventually('all have run', () => done.length === 30);
});

test('a limit of the queue itself is kept', async () => {
  const { add, sql, start } = await createStore();
  await sql.query("INSERT INTO sietch_queue.meta VALUES ('batches-spill', 'concurrency', '2')");
  for (const id of ids(30)) await add(id);
  let running = 0;
  let most = 0;
  let done = 0;
  await start(async () => {
    most = Math.max(most, ++running);
    await new Promise(setImmediate);
    running--;
    done++;
  });
  await eventually('all have run', () => done === 30);
  expect(most).toBeLessThanOrEqual(2);
});

test('a job whose delay is over does not wait for the end of the backlog', async () => {
  const { add, start } = await createStore();
  const runs: string[] = [];
  await add('e-first', 2);
  for (const id of ids(500)) await add(id);
  await start(async (job) => {
    runs.push(job.id ?? '');
    if (job.id === 'e-first' && job.attemptsMade === 0) throw new Error('once');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }, 5);
  await eventually('all have run', () => runs.length === 502);
  expect(runs.lastIndexOf('e-first')).toBeLessThan(501);
  expect(runs.filter((id) => id === 'e-first')).toHaveLength(2);
});

test('a job that another worker took over is not completed', async () => {
  const { add, queue, sql, start } = await createStore();
  await add('e-1');
  let stop = () => {};
  const running = new Promise<void>((resolve) => (stop = resolve));
  let isRunning = false;
  const worker = await start(async () => {
    isRunning = true;
    await running;
  });
  await eventually('it runs', () => isRunning);
  await sql.query("UPDATE sietch_queue.job SET lock_token = 'of another'");
  const errors: string[] = [];
  worker.on('error', ({ message }) => errors.push(message));
  stop();
  await eventually('the worker is told', () => errors.length > 0);
  expect(errors[0]).toMatch(/lock/i);
  expect(await (await (await queue()).getJob('e-1'))?.getState()).toBe('active');
});

async function callMethod(target: unknown, method: string, ...args: unknown[]): Promise<unknown> {
  if (typeof target !== 'object' || target === null) throw new Error('no object');
  const found: unknown = Reflect.get(target, method);
  if (typeof found !== 'function') throw new Error(`no ${method}`);
  return await Reflect.apply(found, target, args);
}
