// Stores events in Redis: fails fast, and reports whether the event was there before.
import { context } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { DeadlineError, withDeadline } from '../node/deadline.js';
import { Durability } from './durability.js';
import type { ResolvedQueueOptions } from './options.js';
import { type BullMq, loadBullMq, type RedisLike } from './peers.js';
import type { QueueEvents } from './queue-event.js';
import { createProducerClient, createWorkerClient, firstConnection, isReady, reopen } from './redis-clients.js';
import { StoreAwayError } from './store-failure.js';
import type { WebhookJobData } from './webhook-event.js';
import type { AddResult, JobProcessor, StoreQueue, StoreWorker, WebhookStore } from './webhook-store.js';

export class RedisStore implements WebhookStore {
  readonly name = 'redis';
  readonly #settled: ResolvedQueueOptions<unknown>;
  readonly #bull: BullMq;
  readonly #client: RedisLike;
  readonly #queue: StoreQueue;
  readonly #durability: Durability;
  readonly #started: Promise<void>;
  readonly #workerClients: RedisLike[] = [];

  constructor(settled: ResolvedQueueOptions<unknown>, events: QueueEvents) {
    this.#settled = settled;
    this.#bull = loadBullMq();
    this.#client = createProducerClient(settled.connection);
    this.#durability = new Durability(this.#client, settled.name, events);
    this.#started = firstConnection(this.#client, settled.connectTimeoutMs);
    this.#queue = new this.#bull.Queue(settled.name, {
      connection: this.#client,
      prefix: settled.prefix,
      skipWaitingForReady: true,
      skipVersionCheck: true,
      skipMetasUpdate: true,
    });
    this.#queue.on('error', () => {});
  }

  async queue(): Promise<StoreQueue> {
    await this.#assertThere();
    return this.#queue;
  }

  async add(jobId: string, data: WebhookJobData, options: object): Promise<AddResult> {
    await this.#assertThere();
    if (this.#settled.requireDurable) await this.#assertDurable();
    try {
      return await withDeadline(this.#add(jobId, data, options), this.#settled.enqueueTimeoutMs);
    } catch (error) {
      // Until Redis greets again on a new connection, events are known not to be sent.
      if (error instanceof DeadlineError) reopen(this.#client);
      throw error;
    }
  }

  async createWorker(process: JobProcessor, options: object): Promise<StoreWorker> {
    const connection = createWorkerClient(this.#settled.connection, this.#workerClients);
    return new this.#bull.Worker(this.#settled.name, process, { ...options, connection, prefix: this.#settled.prefix });
  }

  async ping(): Promise<void> {
    await this.#assertThere();
    await this.#client.ping();
  }

  /** Its clock, in ms since 1970. */
  async time(): Promise<number> {
    await this.#assertThere();
    const [seconds = 0, microseconds = 0] = (await this.#client.time()).map(Number);
    return seconds * 1000 + microseconds / 1000;
  }

  async hasQueue(): Promise<boolean> {
    await this.#assertThere();
    // BullMQ counts each job that is added, also in a queue that is empty by now.
    return (await this.#client.exists(this.#queue.toKey('id'))) === 1;
  }

  async close(): Promise<void> {
    this.#durability.close();
    const closing = this.#queue.close();
    this.#client.disconnect();
    for (const client of this.#workerClients) client.disconnect();
    await closing;
  }

  async #add(jobId: string, data: WebhookJobData, options: object): Promise<AddResult> {
    // Both commands leave in one packet, this one first.
    const before = this.#look(jobId);
    const job = await this.#queue.add(data.type, data, { ...options, jobId });
    const [timestamp, finishedOn, failedReason] = await before;
    // A job that failed once and then succeeded keeps the reason.
    const isDead = typeof finishedOn === 'string' && typeof failedReason === 'string' && (await job.getState()) === 'failed';
    return { outcome: isDead ? 'dead' : typeof timestamp === 'string' ? 'duplicate' : 'added', metadata: job.opts.telemetry?.metadata };
  }

  async #assertThere(): Promise<void> {
    if (!isReady(this.#client)) await this.#started;
    if (!isReady(this.#client)) throw new StoreAwayError('Redis is away');
  }

  async #assertDurable(): Promise<void> {
    const reasons = await this.#durability.reasons().catch(() => {
      throw new StoreAwayError('Redis does not say whether it keeps what it acknowledges');
    });
    if (reasons.length > 0) throw new StoreAwayError(`Redis may lose what it acknowledges: ${reasons.join(', ')}`, 'unsafe');
  }

  #look(jobId: string): Promise<(string | null)[]> {
    const look = context.with(suppressTracing(context.active()), () =>
      this.#client.hmget(this.#queue.toKey(jobId), 'timestamp', 'finishedOn', 'failedReason'),
    );
    // Awaited after the add, which rejects for the same reasons.
    look.catch(() => {});
    return look;
  }
}
