// One attempt at one event, from either store: claim, processor, a note of what went wrong.
import { trace } from '@opentelemetry/api';
import { errorType } from '../integrations/queue/error-type.js';
import { withDeadline } from '../node/deadline.js';
import { ClaimError, type ClaimStore, type Transaction } from './claims.js';
import { asFailure } from './failed-attempt.js';
import { runInTraceOf } from './job-trace.js';
import type { ProcessingContext, ResolvedQueueOptions } from './options.js';
import type { BullMq } from './peers.js';
import { nextPostponement } from './postponement.js';
import type { QueueEvents } from './queue-event.js';
import type { RunTimes } from './run-times.js';
import { asStorableError } from './storable-text.js';
import { TransactionGuard } from './transaction-guard.js';
import { jobIdOf, payloadOf, type WebhookJobData } from './webhook-event.js';
import type { JobProcessor, WebhookJob } from './webhook-store.js';

/** A failed attempt as the dead letter shows it. Kept in the job's log. */
export interface AttemptNote {
  readonly attempt: number;
  readonly at: number;
  readonly errorType: string;
  readonly message: string;
  readonly traceId?: string;
  readonly spanId?: string;
}

const MAX_MESSAGE = 300;
const NOTE_TIMEOUT_MS = 500;
const NEVER_ABORTED = new AbortController().signal;

export class JobRunner {
  readonly #settled: ResolvedQueueOptions<unknown>;
  readonly #claims: ClaimStore | undefined;
  readonly #bull: BullMq;
  readonly #times: RunTimes;
  readonly #events: QueueEvents;
  readonly #running = new Set<Promise<unknown>>();

  constructor(settled: ResolvedQueueOptions<unknown>, claims: ClaimStore | undefined, bull: BullMq, times: RunTimes, events: QueueEvents) {
    this.#settled = settled;
    this.#claims = claims;
    this.#bull = bull;
    this.#times = times;
    this.#events = events;
  }

  /** The processor for BullMQ's workers. */
  forStore(store: 'redis' | 'postgres'): JobProcessor {
    // BullMQ gives a signal only to processors with three parameters.
    return async (job, token, signal) => {
      const started = performance.now();
      let hasRun = false;
      const onRun = () => {
        hasRun = true;
      };
      const about = {
        jobId: job.id ?? '',
        attempt: job.attemptsMade + 1,
        maxAttempts: job.opts.attempts ?? 1,
        mode: 'queued',
        store,
      } as const;
      try {
        await runInTraceOf(job.data, () => this.run(job.data, { ...about, signal: signal ?? NEVER_ABORTED }, onRun));
      } catch (error) {
        if (error instanceof ClaimError) await this.#postpone(job, token, error.reason, hasRun);
        const failure = asFailure(error);
        await this.#note(job, failure);
        throw asStorableError(failure);
      } finally {
        this.#times.add(performance.now() - started);
      }
    };
  }

  /**
   * Runs the processor once, under the event's claim where there are claims. Resolves with false
   * where the event's work was done before. Results of processors are not kept.
   * @throws {ClaimError} when the claim store could not decide; else what the processor threw.
   */
  async run(data: WebhookJobData, about: Omit<ProcessingContext, 'transaction'>, onRun = () => {}): Promise<boolean> {
    const { processor, name } = this.#settled;
    if (processor === undefined) throw new TypeError('Expected `processor` to be a function, got undefined');
    const { id, type, receivedAt } = data;
    const work = async (transaction: Transaction | undefined): Promise<undefined> => {
      onRun();
      await processor({ id, type, payload: payloadOf(data), receivedAt }, { ...about, transaction });
    };
    const running =
      this.#claims === undefined ? work(undefined) : this.#claims.once(name, jobIdOf(id), (held) => this.#guard(id, held, work));
    this.#running.add(running);
    try {
      return (await running)?.isFirst ?? true;
    } finally {
      this.#running.delete(running);
    }
  }

  /** Gives `work` the transaction for as long as it runs. */
  async #guard(eventId: string, held: Transaction, work: (transaction: Transaction) => Promise<undefined>): Promise<undefined> {
    const guard = new TransactionGuard(held, () => this.#events.notify({ type: 'late_query', queue: this.#settled.name, eventId }));
    try {
      await work(guard.transaction);
    } catch (error) {
      await guard.end().catch(() => {});
      throw error;
    }
    await guard.end();
  }

  /** Resolves when no processor runs any more. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled([...this.#running]);
  }

  /**
   * @throws {Error} that BullMQ takes for "put back"; returns where the event has waited often
   * enough.
   */
  async #postpone(job: WebhookJob, token: string | undefined, reason: ClaimError['reason'], hasRun: boolean): Promise<void> {
    const next = nextPostponement(reason, hasRun, job.data.postponed);
    if (next === undefined) return;
    const { postponed, delayMs } = next;
    this.#events.notify({ type: 'postponed', queue: this.#settled.name, eventId: job.data.id, reason, hasRun, count: postponed.count });
    await job.updateData({ ...job.data, postponed });
    await job.moveToDelayed(Date.now() + delayMs, token);
    throw new this.#bull.DelayedError();
  }

  /** Best effort and bounded: a job whose store is away fails by its lock instead. */
  async #note(job: WebhookJob, error: Error): Promise<void> {
    const span = trace.getActiveSpan()?.spanContext();
    const note: AttemptNote = {
      attempt: job.attemptsMade + 1,
      at: Date.now(),
      errorType: errorType(error),
      message: error.message.slice(0, MAX_MESSAGE),
      ...(span === undefined ? {} : { traceId: span.traceId, spanId: span.spanId }),
    };
    await withDeadline(job.log(JSON.stringify(note)), NOTE_TIMEOUT_MS).catch(() => {});
  }
}
