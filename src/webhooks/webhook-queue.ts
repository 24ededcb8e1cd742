// WebhookQueue: takes webhooks at once, works on them in the background, and loses none when Redis
// fails.
import { context } from '@opentelemetry/api';
import { checkOptions, milliseconds } from '../config/options.js';
import { LOOP_CONTEXT } from '../integrations/queue/inner-context.js';
import { afterLoopTime, withDeadline, withHardDeadline } from '../node/deadline.js';
import { Availability, type AvailabilityState } from './availability.js';
import type { ClaimStore } from './claims.js';
import { ClockWatch } from './clock-watch.js';
import { DeadAnnouncer } from './dead-announcer.js';
import { DeadLetters } from './dead-letters.js';
import { DirectProcessing } from './direct-processing.js';
import { JobRunner } from './job-runner.js';
import type { ClaimedQueueOptions, ResolvedQueueOptions, WebhookQueueOptions } from './options.js';
import { loadBullMq } from './peers.js';
import { createPostgresClaims } from './postgres-claims.js';
import { QueueEvents } from './queue-event.js';
import { concurrency as concurrencyCheck, readOptions } from './read-options.js';
import { RedisStore } from './redis-store.js';
import { type RunTimeSummary, RunTimes } from './run-times.js';
import { SpillStore } from './spill-store.js';
import { WebhookQueueError } from './webhook-error.js';
import { readEvent, type WebhookEvent } from './webhook-event.js';
import { type EnqueueResult, WebhookProducer } from './webhook-producer.js';
import { STATES, type WebhookStore } from './webhook-store.js';
import { WebhookWorkers } from './webhook-workers.js';

/** A look at a queue. */
export interface WebhookQueueMetrics {
  /** Jobs by state in each store; undefined where it does not answer. */
  readonly depth: Readonly<Record<'redis' | 'postgres', Readonly<Record<string, number>> | undefined>>;
  /** Dead letters, in the stores that answer. */
  readonly deadLetters: number;
  /** Run times of attempts in this process. */
  readonly processing: RunTimeSummary;
  readonly availability: AvailabilityState;
}

const CLOSE_MS = 10_000;
const METRICS_MS = 1000;
const READY_MS = 10_000;
/** Time between two looks whether a store is there. */
const LOOK_MS = 50;
/** Share of the time to close that is kept for the connections, after the jobs. */
const CONNECTIONS_MS = 1000;

export class WebhookQueue<Payload = unknown> {
  readonly name: string;
  /** Events without attempts left. */
  readonly deadLetters: DeadLetters;
  readonly #settled: ResolvedQueueOptions<Payload>;
  readonly #stores: readonly WebhookStore[];
  readonly #claims: ClaimStore | undefined;
  readonly #direct: DirectProcessing | undefined;
  readonly #producer: WebhookProducer;
  readonly #workers: WebhookWorkers;
  readonly #availability: Availability;
  readonly #announcer: DeadAnnouncer;
  readonly #clock: ClockWatch;
  readonly #times = new RunTimes();
  readonly #sending = new Set<Promise<EnqueueResult>>();
  #sweeper: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;

  /**
   * Connects in the background; no store needs to be there.
   * @throws {TypeError | RangeError} for wrong options.
   * @throws {WebhookQueueError} WEBHOOK_PEER_MISSING when a package is not installed: bullmq and
   * ioredis, and pg for `spill` and `claims`.
   */
  constructor(options: ClaimedQueueOptions<Payload>);
  constructor(options: WebhookQueueOptions<Payload>);
  constructor(options: WebhookQueueOptions<Payload>) {
    const settled = readOptions(options);
    const events = new QueueEvents(settled.onEvent);
    // Missing packages are reported before any connection opens: it would hold the process of an
    // app that goes on without this queue.
    this.#claims = createClaims(settled);
    const spill = settled.spill === undefined ? undefined : new SpillStore(settled.spill, settled);
    const redis = new RedisStore(settled, events);
    this.name = settled.name;
    this.#settled = settled;
    this.#stores = spill === undefined ? [redis] : [redis, spill];
    this.#availability = new Availability(settled.name, events);
    this.#announcer = new DeadAnnouncer(settled.name, events);
    this.#clock = new ClockWatch(settled.name, events, () => redis.time());
    this.deadLetters = new DeadLetters(settled.name, this.#stores, events);
    const runner = new JobRunner(settled, this.#claims, loadBullMq(), this.#times, events);
    this.#direct = settled.direct === undefined ? undefined : new DirectProcessing(settled.name, runner, settled.direct);
    this.#workers = new WebhookWorkers(settled, this.#stores, runner, this.#announcer, events);
    this.#producer = new WebhookProducer({
      settled,
      redis,
      spill,
      direct: this.#direct,
      hasClaims: this.#claims !== undefined,
      events,
      availability: this.#availability,
      deadLetters: this.deadLetters,
    });
  }

  /**
   * Takes a webhook. When it resolves, the webhook may be acknowledged: it is stored, or done, or
   * was there before.
   * @throws {TypeError} for an event without id or type.
   * @throws {WebhookQueueError} when it must not be acknowledged; `httpStatus` is what to answer.
   */
  async enqueue(event: WebhookEvent<Payload>): Promise<EnqueueResult> {
    if (this.#closing !== undefined) throw new WebhookQueueError('WEBHOOK_QUEUE_CLOSED', 'The queue is closed');
    const sending = this.#producer.send(readEvent(event, this.#settled.maxPayloadBytes));
    this.#sending.add(sending);
    try {
      return await sending;
    } finally {
      this.#sending.delete(sending);
    }
  }

  /**
   * Resolves when all stores answer: for the start of a process, before it listens.
   * @throws {WebhookQueueError} WEBHOOK_UNAVAILABLE when one does not within `timeoutMs`.
   */
  async ready(options: { timeoutMs?: number } = {}): Promise<void> {
    checkOptions('options', options, { timeoutMs: milliseconds(0) });
    const { timeoutMs = READY_MS } = options;
    const away = new Set(this.#stores);
    const waits = this.#stores.map((store) => untilThere(store, timeoutMs).then((isThere) => isThere && away.delete(store)));
    await Promise.all(waits);
    if (away.size === 0) return;
    const names = [...away].map((store) => store.name).join(' and ');
    throw new WebhookQueueError('WEBHOOK_UNAVAILABLE', `No answer of ${names} within ${timeoutMs} ms`);
  }

  /**
   * Starts to work on the webhooks of all stores, as soon as they are there; returns at once.
   * @throws {TypeError} without a processor.
   */
  startWorker(): void {
    if (this.#settled.processor === undefined)
      throw new TypeError('Expected `processor` to be a function for startWorker(), got undefined');
    if (this.#closing !== undefined) throw new WebhookQueueError('WEBHOOK_QUEUE_CLOSED', 'The queue is closed');
    this.#workers.start();
    this.#sweeper ??= setInterval(() => this.#sweep(), this.#settled.sweepIntervalMs).unref();
    context.with(LOOP_CONTEXT, () => this.#sweep());
  }

  /** Jobs that this process's workers run at once, in each store. */
  get concurrency(): number {
    return this.#workers.concurrency;
  }

  set concurrency(value: number) {
    concurrencyCheck('concurrency', value);
    this.#workers.concurrency = value;
    this.#claims?.resize?.(claimsAtOnce({ ...this.#settled, concurrency: value }));
  }

  /**
   * Stops all workers of the queue, in every process, from beginning jobs. Rejects when a store
   * does not answer.
   */
  async pause(): Promise<void> {
    for (const store of this.#stores) await withDeadline(store.queue(), METRICS_MS).then((queue) => queue.pause());
  }

  /** Ends `pause()`. */
  async resume(): Promise<void> {
    for (const store of this.#stores) await withDeadline(store.queue(), METRICS_MS).then((queue) => queue.resume());
  }

  /**
   * Whether a store that answers ever held an event of this queue: a misspelt name does not look
   * like an empty queue.
   */
  async exists(): Promise<boolean> {
    const answers = this.#stores.map((store) => withDeadline(store.hasQueue(), METRICS_MS).catch(() => false));
    return (await Promise.all(answers)).includes(true);
  }

  /**
   * Depth, dead letters and run times. Never waits long: a store that does not answer within a
   * second is left out.
   */
  async getMetrics(): Promise<WebhookQueueMetrics> {
    const depth: Record<'redis' | 'postgres', Record<string, number> | undefined> = { redis: undefined, postgres: undefined };
    await Promise.all(
      this.#stores.map(async (store) => {
        depth[store.name] = await withDeadline(countJobs(store), METRICS_MS).catch(() => undefined);
      }),
    );
    const deadLetters = (depth.redis?.['failed'] ?? 0) + (depth.postgres?.['failed'] ?? 0);
    return { depth, deadLetters, processing: this.#times.summary(), availability: this.#availability.state };
  }

  /**
   * Takes no more webhooks, waits for running jobs and closes all connections, in `timeoutMs` at
   * most, also when a store is down. What has not ended by then is begun anew by another worker.
   * Never rejects.
   * @throws {TypeError | RangeError} for wrong options.
   */
  close(options: { timeoutMs?: number } = {}): Promise<void> {
    checkOptions('options', options, { timeoutMs: milliseconds(0) });
    this.#closing ??= this.#close(options.timeoutMs ?? CLOSE_MS);
    return this.#closing;
  }

  async #close(timeoutMs: number): Promise<void> {
    clearInterval(this.#sweeper);
    const jobsMs = Math.max(0, timeoutMs - Math.min(CONNECTIONS_MS, timeoutMs / 2));
    // Also waits for events on their way into a store: without its connection their outcome would
    // be ambiguous.
    const idle = Promise.allSettled([...this.#sending, this.#direct?.idle()]);
    await Promise.all([this.#workers.close(jobsMs), withHardDeadline(idle, jobsMs).catch(() => {})]);
    const connections = [...this.#stores.map((store) => store.close()), this.#claims?.close() ?? Promise.resolve()];
    await withHardDeadline(Promise.allSettled(connections), timeoutMs - jobsMs).catch(() => {});
  }

  #sweep(): void {
    for (const store of this.#stores) {
      this.#announcer.sweep(store).catch(() => {});
      store.trim?.().catch(() => {});
    }
    this.#clock.check().catch(() => {});
    this.#claims?.forget(this.name, this.#settled.claimRetentionMs).catch(() => {});
  }
}

function createClaims<Payload>(settled: ResolvedQueueOptions<Payload>): ClaimStore | undefined {
  const { claims } = settled;
  return claims === undefined || 'once' in claims ? claims : createPostgresClaims(claims, claimsAtOnce(settled));
}

/** Events that can be processed at once in this process. */
function claimsAtOnce<Payload>({ concurrency, spill, direct }: ResolvedQueueOptions<Payload>): number {
  return concurrency * (spill === undefined ? 1 : 2) + (direct?.concurrency ?? 0);
}

async function untilThere(store: WebhookStore, timeoutMs: number): Promise<boolean> {
  let isOver = false;
  const cancel = afterLoopTime(timeoutMs, () => {
    isOver = true;
  });
  let isThere = false;
  while (!isThere && !isOver) {
    isThere = await withDeadline(store.ping(), Math.min(METRICS_MS, timeoutMs)).then(
      () => true,
      () => false,
    );
    if (!isThere) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  cancel();
  return isThere;
}

async function countJobs(store: WebhookStore): Promise<Record<string, number>> {
  return await (await store.queue()).getJobCounts(...STATES);
}
