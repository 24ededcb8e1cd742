// The workers of a WebhookQueue: one for each store, with the same processor.
import { context } from '@opentelemetry/api';
import { LOOP_CONTEXT } from '../integrations/queue/inner-context.js';
import { closeWorker } from './close-worker.js';
import type { DeadAnnouncer } from './dead-announcer.js';
import type { JobRunner } from './job-runner.js';
import type { ResolvedQueueOptions } from './options.js';
import type { QueueEvents } from './queue-event.js';
import type { StoreWorker, WebhookJob, WebhookStore } from './webhook-store.js';

/** Pause of a worker whose store answers with errors. */
const REST_MS = 500;
/** A store that is away when the workers start is tried again after this time. */
const TRY_AGAIN_MS = 1000;

export class WebhookWorkers {
  readonly #settled: ResolvedQueueOptions<unknown>;
  readonly #stores: readonly WebhookStore[];
  readonly #runner: JobRunner;
  readonly #announcer: DeadAnnouncer;
  readonly #events: QueueEvents;
  readonly #workers = new Map<WebhookStore, StoreWorker>();
  readonly #resting = new WeakSet<StoreWorker>();
  #concurrency: number;
  #isStarted = false;
  #isClosed = false;

  constructor(
    settled: ResolvedQueueOptions<unknown>,
    stores: readonly WebhookStore[],
    runner: JobRunner,
    announcer: DeadAnnouncer,
    events: QueueEvents,
  ) {
    this.#settled = settled;
    this.#stores = stores;
    this.#runner = runner;
    this.#announcer = announcer;
    this.#events = events;
    this.#concurrency = settled.concurrency;
  }

  set concurrency(value: number) {
    this.#concurrency = value;
    for (const worker of this.#workers.values()) worker.concurrency = value;
  }

  get concurrency(): number {
    return this.#concurrency;
  }

  start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    for (const store of this.#stores) void this.#startFor(store);
  }

  /** Waits for running jobs until the deadline, then leaves them to their locks. */
  async close(timeoutMs: number): Promise<void> {
    this.#isClosed = true;
    const end = performance.now() + timeoutMs;
    await Promise.all([...this.#workers].map(([store, worker]) => closeWorker(store, worker, this.#runner.idle(), end)));
  }

  async #startFor(store: WebhookStore): Promise<void> {
    while (!this.#isClosed && !this.#workers.has(store)) {
      try {
        // Loops belong to no trace, wherever startWorker() was called.
        this.#watch(store, await context.with(LOOP_CONTEXT, () => store.createWorker(this.#runner.forStore(store.name), this.#options())));
      } catch {
        await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS).unref());
      }
    }
  }

  #watch(store: WebhookStore, worker: StoreWorker): void {
    worker.on('error', () => this.#rest(worker));
    worker.on('active', giveReplayItsTrace);
    worker.on('failed', (job, error) => {
      if (job?.finishedOn) void this.#announcer.announce(job, error);
    });
    worker.on('stalled', (jobId) => this.#events.notify({ type: 'stalled', queue: this.#settled.name, jobId }));
    this.#workers.set(store, worker);
    if (this.#isClosed) void closeWorker(store, worker, this.#runner.idle(), 0);
  }

  /**
   * After most errors BullMQ fetches again at once: thousands of times a second from a store that
   * is full, read-only or starting up.
   */
  #rest(worker: StoreWorker): void {
    if (this.#isClosed || this.#resting.has(worker)) return;
    this.#resting.add(worker);
    worker.pause(true).catch(() => {});
    setTimeout(() => {
      this.#resting.delete(worker);
      if (!this.#isClosed) Promise.resolve(worker.resume()).catch(() => {});
    }, REST_MS).unref();
  }

  #options(): object {
    const { rateLimit, lockDurationMs, backoff, retries } = this.#settled;
    return {
      concurrency: this.#concurrency,
      lockDuration: lockDurationMs,
      stalledInterval: lockDurationMs,
      // A job whose worker dies is begun anew; one that kills each worker ends as a dead letter.
      maxStalledCount: Math.max(1, retries),
      // BullMQ waits 15 s before it retries to mark a job as done in Redis.
      runRetryDelay: TRY_AGAIN_MS,
      settings: { backoffStrategy: (attempt: number) => backoffMs(attempt, backoff) },
      ...(rateLimit === undefined ? {} : { limiter: { max: rateLimit.max, duration: rateLimit.durationMs } }),
    };
  }
}

/** Wait before the next attempt, when `attempt` has failed. */
export function backoffMs(
  attempt: number,
  { delayMs, factor, maxMs, jitter }: ResolvedQueueOptions<unknown>['backoff'],
  random = Math.random(),
): number {
  return Math.round(Math.min(maxMs, delayMs * factor ** (attempt - 1)) * (1 - jitter * random));
}

/**
 * BullMQ announces a job before it opens the job's span: in time to give a replayed one the trace
 * of its replay.
 */
function giveReplayItsTrace(job: WebhookJob): void {
  const { replay } = job.data;
  if (replay?.metadata !== undefined) job.opts.telemetry = { metadata: replay.metadata };
}
