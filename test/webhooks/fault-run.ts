// The frame of the fault tests: real stores, worker processes that can be killed, a stream of webhooks, and the ledger that the processor writes.
// At the end each acknowledged webhook stands in the ledger once; none is lost, none is done twice.

import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Pool } from 'pg';
import { expect, vi } from 'vitest';
import type { WebhookQueue as Queue, QueueEvent, WebhookQueueOptions } from '../../src/webhooks/library.ts';
import { type App, runApp } from '../support/app.ts';
import { ROOT } from '../support/checkout.ts';
import { eventually } from '../support/eventually.ts';

// The built package, as in the workers' processes.
const { WebhookQueue }: { WebhookQueue: typeof Queue } = createRequire(import.meta.url)('../../dist/webhooks/library.js');

const { routeEvents }: { routeEvents(sink: 'off'): void } = createRequire(import.meta.url)('../../dist/index.js');

/** Webhooks a fault test sends, or as many as this variable says. */
export const WEBHOOKS = Number(process.env['SIETCH_OTEL_TEST_WEBHOOKS'] ?? 1000);

/** Time for all of them on a slow machine. */
const PATIENCE_MS = 30_000 + WEBHOOKS * 40;
vi.setConfig({ testTimeout: PATIENCE_MS + 10_000 });

/** In each payload: what PostgreSQL takes neither as text nor as JSON. */
const TEXT = 'NUL \0, unpaired \ud800, a pair \u{1f600}';

export interface FaultRunOptions {
  redisUrl: string;
  /** An empty database, for ledger, claims and spill. */
  postgresUrl: string;
  workers: number;
  /** Longest half of a job's work. Default 4. */
  workMs?: number;
  queue?: Partial<WebhookQueueOptions>;
}

export interface Rejected {
  id: string;
  code: string;
}

export class FaultRun {
  readonly acknowledged = new Map<string, { mode: string; store: string }>();
  readonly rejected: Rejected[] = [];
  readonly events: QueueEvent[] = [];
  readonly workers: App[] = [];
  readonly queue: Queue;
  readonly #options: FaultRunOptions;
  readonly #sql: Pool;
  #next = 0;
  /** Answers of 503, redeliveries that were refused again included. */
  #refusals = 0;

  private constructor(options: FaultRunOptions, sql: Pool) {
    this.#options = options;
    this.#sql = sql;
    this.queue = new WebhookQueue({ ...this.#queueOptions(), onEvent: (event) => this.events.push(event) });
  }

  static async start(options: FaultRunOptions): Promise<FaultRun> {
    routeEvents('off');
    const sql = new Pool({ connectionString: options.postgresUrl });
    sql.on('error', () => {});
    await sql.query(`CREATE TABLE ledger (event_id text, attempt int, store text, pid int, at timestamptz DEFAULT clock_timestamp());
      CREATE TABLE parent (id text PRIMARY KEY);
      CREATE TABLE child (id text REFERENCES parent DEFERRABLE INITIALLY DEFERRED)`);
    const run = new FaultRun(options, sql);
    for (let count = 0; count < options.workers; count++) run.startWorker();
    await Promise.all(run.workers.map((worker) => worker.waitForLine(/^working$/)));
    await run.send(1);
    await run.allDone();
    return run;
  }

  /** @param shiftMs how wrong its clock is */
  startWorker(shiftMs = 0): App {
    const settings = { ...this.#queueOptions(), workMs: this.#options.workMs ?? 4, text: TEXT };
    const nodeArgs = shiftMs === 0 ? [] : ['--require', join(ROOT, 'test/app/shifted-clock.cjs')];
    const env = { SETTINGS: JSON.stringify(settings), SHIFT_MS: String(shiftMs) };
    const worker = runApp('test/app/queue-worker.mjs', { preload: 'none', nodeArgs, env });
    this.workers.push(worker);
    return worker;
  }

  /** Delivers `count` new webhooks, ten at a time, and notes what the endpoint would have answered. */
  async send(count: number, { type = 'ordinary', during }: { type?: string; during?: () => Promise<unknown> } = {}): Promise<void> {
    const last = this.#next + count;
    const deliver = async () => {
      while (this.#next < last) await this.deliver(`evt-${this.#next++}`, type);
    };
    await Promise.all([...Array.from({ length: 10 }, deliver), during?.()]);
  }

  /** Delivers all that was acknowledged once more, ten at a time. Resolves with the modes of the answers. */
  async deliverAgain(type?: string): Promise<string[]> {
    const ids = [...this.acknowledged.keys()];
    const modes = new Set<string>();
    const deliver = async () => {
      for (let id = ids.pop(); id !== undefined; id = ids.pop()) {
        await this.deliver(id, type);
        modes.add(this.acknowledged.get(id)?.mode ?? '');
      }
    };
    await Promise.all(Array.from({ length: 10 }, deliver));
    return [...modes].sort();
  }

  /** Ends the sessions of all others on the database, as an administrator does. */
  async terminateBackends(): Promise<number> {
    const others = 'datname = current_database() AND pid <> pg_backend_pid()';
    const { rowCount } = await this.#sql.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${others}`);
    return rowCount ?? 0;
  }

  /** As a provider does: what is not acknowledged comes again until it is. */
  async redeliver(): Promise<void> {
    for (let round = 0; this.rejected.length > 0; round++) {
      if (round > 50) throw new Error(`${this.rejected.length} webhooks are refused for ever, the first with ${this.rejected[0]?.code}`);
      const again = this.rejected.splice(0);
      await Promise.all(again.map(({ id }) => this.deliver(id)));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async deliver(id: string, type = 'ordinary'): Promise<void> {
    try {
      const { mode, store } = await this.queue.enqueue({ id, type, payload: { card: '4111111111111111', text: TEXT } });
      this.acknowledged.set(id, { mode, store });
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'none';
      this.rejected.push({ id, code });
      this.#refusals++;
    }
  }

  /** The promise that all fault tests check, once the providers have had their redeliveries acknowledged. */
  async expectEachDoneOnce(): Promise<void> {
    await this.redeliver();
    await this.allDone();
    expect(await this.doneTwice()).toEqual([]);
    await this.nothingOpen();
    expect(this.events.filter(({ type }) => type === 'dead')).toEqual([]);
    this.#account();
  }

  /** Resolves when each acknowledged webhook is in the ledger. */
  async allDone(timeoutMs = PATIENCE_MS): Promise<void> {
    await eventually('every acknowledged webhook is in the ledger', async () => (await this.missing()).length === 0, timeoutMs).catch(
      async (error: Error) => {
        const workers = this.workers.map(({ child, stderr }) => `${child.exitCode ?? child.signalCode ?? 'runs'} ${stderr.slice(-2000)}`);
        const missing = await this.missing();
        const metrics = JSON.stringify(await this.queue.getMetrics());
        throw new Error(
          `${error.message}; ${missing.length} are missing: ${missing.slice(0, 5)}; ${metrics}; workers: ${workers.join('; ')}`,
        );
      },
    );
  }

  async missing(): Promise<string[]> {
    const { rows } = await this.#sql.query<{ event_id: string }>('SELECT DISTINCT event_id FROM ledger');
    const done = new Set(rows.map((row) => row.event_id));
    return [...this.acknowledged.keys()].filter((id) => !done.has(id));
  }

  /** Events whose work was done more than once. */
  async doneTwice(): Promise<string[]> {
    const { rows } = await this.#sql.query<{ event_id: string }>('SELECT event_id FROM ledger GROUP BY event_id HAVING count(*) > 1');
    return rows.map((row) => row.event_id);
  }

  /** Which attempt did the work, but for the first webhook, which is sent at the start. */
  async attempts(): Promise<{ attempt: number; count: number }[]> {
    const sql = "SELECT attempt, count(*)::int AS count FROM ledger WHERE event_id <> 'evt-0' GROUP BY attempt ORDER BY attempt";
    return (await this.#sql.query<{ attempt: number; count: number }>(sql)).rows;
  }

  /** Why events were not taken by Redis. */
  reasons(): string[] {
    return [...new Set(this.events.flatMap((event) => (event.type === 'degraded' ? [event.reason] : [])))].sort();
  }

  /** How many webhooks each store was the last to have. */
  stores(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { store } of this.acknowledged.values()) counts[store] = (counts[store] ?? 0) + 1;
    return counts;
  }

  /** Jobs that are in no end state; when it resolves there are none. */
  async nothingOpen(): Promise<void> {
    await eventually('no job is open in any store', async () => {
      const { depth } = await this.queue.getMetrics();
      const open = [depth.redis, depth.postgres].flatMap((counts) =>
        counts === undefined ? [1] : ['waiting', 'active', 'delayed', 'prioritized', 'paused'].map((state) => counts[state] ?? 0),
      );
      return open.every((count) => count === 0);
    });
  }

  /** The account of the run, for the table in docs/queues.md: printed when SIETCH_OTEL_TEST_WEBHOOKS asks for a number. */
  #account(): void {
    if (process.env['SIETCH_OTEL_TEST_WEBHOOKS'] === undefined) return;
    const degraded = this.events.filter(({ type }) => type === 'degraded').length;
    const account = {
      acknowledged: this.acknowledged.size,
      degraded,
      reasons: this.reasons(),
      refusals: this.#refusals,
      lastStore: this.stores(),
    };
    process.stderr.write(`${expect.getState().currentTestName}: ${JSON.stringify(account)}\n`);
  }

  async stop(): Promise<void> {
    await this.queue.close({ timeoutMs: 2000 });
    await Promise.all(this.workers.map((worker) => worker.stop()));
    await this.#sql.end();
  }

  #queueOptions(): WebhookQueueOptions {
    const { redisUrl, postgresUrl, queue } = this.#options;
    return {
      name: 'webhooks',
      connection: redisUrl,
      spill: { connection: postgresUrl },
      backoff: { delayMs: 20 },
      lockDurationMs: 1000,
      concurrency: 5,
      ...queue,
    };
  }
}

/** Lets `begin` happen in a stream of webhooks, and `end` after a while. */
export async function outage(begin: () => Promise<unknown>, end: () => Promise<unknown>, ms = 300): Promise<void> {
  await sleep(30);
  await begin();
  await sleep(ms);
  await end();
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
