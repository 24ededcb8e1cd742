// Stores an event: in Redis, else in PostgreSQL; else processes it directly; else rejects, so that
// the provider delivers again.
import { withDeadline } from '../node/deadline.js';
import type { Availability } from './availability.js';
import type { DeadLetters } from './dead-letters.js';
import type { DirectProcessing } from './direct-processing.js';
import { traceIdOfMetadata } from './job-trace.js';
import type { ResolvedQueueOptions } from './options.js';
import type { DegradedMode, QueueEvents } from './queue-event.js';
import { classifyFailure, type StoreFailure } from './store-failure.js';
import { WebhookQueueError } from './webhook-error.js';
import { jobIdOf, type WebhookJobData } from './webhook-event.js';
import type { AddResult, WebhookStore } from './webhook-store.js';

/** Outcome of `enqueue`. In all three modes the webhook may be acknowledged. */
export interface EnqueueResult {
  /** `direct`: it is already processed. `duplicate`: it was there before. */
  readonly mode: 'queued' | 'direct' | 'duplicate';
  /** Place of the event. */
  readonly store: 'redis' | 'postgres' | 'none';
  readonly jobId: string;
  /** Trace that the event belongs to, where there is one. */
  readonly traceId: string | undefined;
}

export interface ProducerParts {
  readonly settled: ResolvedQueueOptions<unknown>;
  readonly redis: WebhookStore;
  readonly spill: WebhookStore | undefined;
  readonly direct: DirectProcessing | undefined;
  readonly hasClaims: boolean;
  readonly events: QueueEvents;
  readonly availability: Availability;
  readonly deadLetters: DeadLetters;
}

const SPILL_MS = 3000;
/** Events remembered as perhaps stored. */
const MAX_DOUBTFUL = 10_000;

export class WebhookProducer {
  readonly #parts: ProducerParts;
  readonly #jobOptions: object;
  /**
   * Ids of events that Redis may have. A redelivery that can't reach Redis must not be run
   * elsewhere either.
   */
  readonly #doubtful = new Set<string>();

  constructor(parts: ProducerParts) {
    this.#parts = parts;
    const { retries, retention, deadRetentionMs } = parts.settled;
    this.#jobOptions = {
      attempts: retries + 1,
      backoff: { type: 'custom' },
      removeOnComplete: { age: Math.ceil(retention.completedMs / 1000), count: retention.completedCount },
      removeOnFail: { age: Math.ceil(deadRetentionMs / 1000) },
      keepLogs: 100,
    };
  }

  /** @throws {WebhookQueueError} when the event must not be acknowledged. */
  async send(data: WebhookJobData): Promise<EnqueueResult> {
    const { redis, availability } = this.#parts;
    try {
      const result = await redis.add(jobIdOf(data.id), data, this.#jobOptions);
      availability.succeeded();
      this.#doubtful.delete(data.id);
      return await this.#stored(data, 'redis', result);
    } catch (error) {
      if (error instanceof WebhookQueueError) throw error;
      const failure = classifyFailure(error);
      availability.failed(failure.reason);
      return await this.#sendElsewhere(data, failure);
    }
  }

  async #sendElsewhere(data: WebhookJobData, failure: StoreFailure): Promise<EnqueueResult> {
    const { spill, direct, hasClaims } = this.#parts;
    if (failure.isAmbiguous) this.#doubt(data.id);
    // It may be in Redis all the same: only a claim keeps it from being done there and here.
    if (this.#doubtful.has(data.id) && !hasClaims) throw this.#reject(data, failure, 'WEBHOOK_AMBIGUOUS');
    if (spill !== undefined) {
      const result = await withDeadline(spill.add(jobIdOf(data.id), data, this.#jobOptions), SPILL_MS).catch(() => undefined);
      if (result !== undefined) {
        this.#report(data, failure, 'spill');
        return await this.#stored(data, 'postgres', result);
      }
    }
    if (direct === undefined) throw this.#reject(data, failure, 'WEBHOOK_UNAVAILABLE');
    return await this.#runDirectly(direct, data, failure);
  }

  #doubt(id: string): void {
    const oldest = this.#doubtful.size < MAX_DOUBTFUL ? undefined : this.#doubtful.values().next().value;
    if (oldest !== undefined) this.#doubtful.delete(oldest);
    this.#doubtful.add(id);
  }

  async #runDirectly(direct: DirectProcessing, data: WebhookJobData, failure: StoreFailure): Promise<EnqueueResult> {
    let isFirst: boolean;
    try {
      isFirst = await direct.run(data);
    } catch (error) {
      this.#report(data, failure, 'rejected');
      throw error;
    }
    this.#report(data, failure, 'direct');
    return { mode: isFirst ? 'direct' : 'duplicate', store: 'none', jobId: jobIdOf(data.id), traceId: data.traceId };
  }

  async #stored(data: WebhookJobData, store: 'redis' | 'postgres', { outcome, metadata }: AddResult): Promise<EnqueueResult> {
    const jobId = jobIdOf(data.id);
    if (outcome === 'dead' && this.#parts.settled.onRedelivery === 'revive') {
      const revived = await this.#revive(data.id);
      if (revived !== undefined) return { mode: 'queued', store, jobId, traceId: revived.traceId };
    }
    return { mode: outcome === 'added' ? 'queued' : 'duplicate', store, jobId, traceId: data.traceId ?? traceIdOfMetadata(metadata) };
  }

  /** Undefined where another redelivery was faster. */
  async #revive(eventId: string): Promise<{ traceId: string | undefined } | undefined> {
    try {
      return await this.#parts.deadLetters.replay(eventId);
    } catch (error) {
      if (error instanceof WebhookQueueError && error.code === 'WEBHOOK_DEAD_LETTER_NOT_FOUND') return undefined;
      throw error;
    }
  }

  #reject(data: WebhookJobData, failure: StoreFailure, code: 'WEBHOOK_AMBIGUOUS' | 'WEBHOOK_UNAVAILABLE'): WebhookQueueError {
    this.#report(data, failure, 'rejected');
    const message =
      code === 'WEBHOOK_AMBIGUOUS'
        ? 'Redis did not say whether it took the webhook; answer 503, the redelivery finds out'
        : 'No store takes webhooks at present; answer 503 so that the provider delivers again';
    return new WebhookQueueError(code, message, { cause: failure.cause });
  }

  #report(data: WebhookJobData, { reason }: StoreFailure, mode: DegradedMode): void {
    this.#parts.events.notify({ type: 'degraded', queue: this.#parts.settled.name, eventId: data.id, reason, mode });
  }
}
