// The store in PostgreSQL that takes events while Redis does not: BullMQ's PostgreSQL backend.
// Opened ahead, so that a failing Redis finds it ready.
import { context } from '@opentelemetry/api';
import { LOOP_CONTEXT } from '../integrations/queue/inner-context.js';
import type { PostgresPlace, ResolvedQueueOptions } from './options.js';
import { type BullMq, loadBullMq, loadPg } from './peers.js';
import { createdOnce } from './pg-failure.js';
import { poolOf, surviveLostConnections } from './pg-pools.js';
import { workInBatches } from './spill-batches.js';
import { WebhookQueueError } from './webhook-error.js';
import type { WebhookJobData } from './webhook-event.js';
import { type AddResult, type JobProcessor, STATES, type StoreQueue, type StoreWorker, type WebhookStore } from './webhook-store.js';

/**
 * Longest time for a statement, and for a connection: what notices a server that is gone. No
 * deadlines of `enqueue`, which come first: the timers of pg would take a blocked event loop for a
 * server that is gone.
 */
const STATEMENT_MS = 10_000;
const CONNECT_MS = 5000;
const POOL_SIZE = 5;
/** Most connections of one worker, however high its concurrency. */
const MAX_POOL_SIZE = 20;
/** Completed events that one sweep deletes at most. */
const TRIM_AT_ONCE = 10_000;

export class SpillStore implements WebhookStore {
  readonly name = 'postgres';
  readonly #bull: BullMq;
  readonly #place: PostgresPlace;
  readonly #queueName: string;
  readonly #settled: ResolvedQueueOptions<unknown>;
  #opening: Promise<StoreQueue> | undefined;

  constructor(place: PostgresPlace, settled: ResolvedQueueOptions<unknown>) {
    this.#bull = loadBullMq();
    loadPg();
    if (this.#bull.createPostgresBackend === undefined) {
      throw new WebhookQueueError('WEBHOOK_PEER_MISSING', 'The option `spill` needs bullmq 6: npm install bullmq@6');
    }
    this.#place = place;
    this.#settled = settled;
    this.#queueName = `${settled.name}-spill`;
    this.queue().catch(() => {});
  }

  /** BullMQ keeps a failed start for ever, so each attempt is a new queue. */
  queue(): Promise<StoreQueue> {
    this.#opening ??= createdOnce(() => this.#open()).catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  async add(jobId: string, data: WebhookJobData, options: object): Promise<AddResult> {
    const queue = await this.queue();
    const before = await queue.getJob(jobId);
    if (before !== undefined) {
      const isDead = Boolean(before.failedReason && before.finishedOn) && (await before.getState()) === 'failed';
      return { outcome: isDead ? 'dead' : 'duplicate', metadata: before.opts.telemetry?.metadata };
    }
    // `trim` removes them: BullMQ 6.7 looks at each completion through all that are kept, which
    // takes the longer the more there are.
    const job = await queue.add(data.type, data, { ...options, jobId, removeOnComplete: false });
    return { outcome: 'added', metadata: job.opts.telemetry?.metadata };
  }

  async createWorker(process: JobProcessor, options: object): Promise<StoreWorker> {
    await this.queue();
    // Begun by hand: a worker of BullMQ 6.7 whose first connection fails keeps the event loop busy
    // for ever.
    const max = Math.max(POOL_SIZE, Math.min(this.#settled.concurrency, MAX_POOL_SIZE));
    const connection = this.#connection({ query_timeout: STATEMENT_MS, max });
    const worker = new this.#bull.Worker(
      this.#queueName,
      process,
      { ...options, connection, autorun: false },
      this.#bull.createPostgresBackend,
    );
    worker.on('error', () => {});
    surviveLostConnectionsOf(worker);
    try {
      await worker.waitUntilReady();
      // A rate limit is counted job by job.
      if (this.#settled.rateLimit === undefined) await workInBatches(worker, this.#queueName, this.#settled.lockDurationMs);
    } catch (error) {
      worker.close(true).catch(() => {});
      throw error;
    }
    worker.run().catch(() => {});
    return worker;
  }

  async ping(): Promise<void> {
    await (await this.queue()).getJobCounts('active');
  }

  /** Forgets completed events that are too old, and the oldest of too many. */
  async trim(): Promise<void> {
    const queue = await this.queue();
    const { completedMs, completedCount } = this.#settled.retention;
    await queue.clean(completedMs, TRIM_AT_ONCE, 'completed');
    const { completed = 0 } = await queue.getJobCounts('completed');
    const excess = Math.min(completed - completedCount, TRIM_AT_ONCE);
    if (excess > 0) await queue.clean(0, excess, 'completed');
  }

  async hasQueue(): Promise<boolean> {
    const counts = await (await this.queue()).getJobCounts(...STATES);
    return Object.values(counts).some((count) => count > 0);
  }

  async close(): Promise<void> {
    const queue = await this.#opening?.catch(() => undefined);
    await queue?.close();
  }

  async #open(): Promise<StoreQueue> {
    const connection = this.#connection({ query_timeout: STATEMENT_MS });
    const queue = context.with(LOOP_CONTEXT, () => new this.#bull.Queue(this.#queueName, { connection }, this.#bull.createPostgresBackend));
    queue.on('error', () => {});
    surviveLostConnectionsOf(queue);
    try {
      await queue.waitUntilReady();
      return queue;
    } catch (error) {
      queue.close().catch(() => {});
      throw error;
    }
  }

  #connection(limits: { query_timeout: number; max?: number }) {
    const { connection, schema, migrate } = this.#place;
    const given = typeof connection === 'string' ? { connectionString: connection } : connection;
    return {
      max: POOL_SIZE,
      connectionTimeoutMillis: CONNECT_MS,
      allowExitOnIdle: true,
      ...limits,
      ...given,
      schema,
      ...(migrate ? { migrate } : {}),
    };
  }
}

function surviveLostConnectionsOf(queue: object): void {
  const pool = poolOf(queue);
  if (pool !== undefined) surviveLostConnections(pool);
}
