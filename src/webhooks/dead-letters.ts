// Dead letters: events without attempts left. BullMQ's failed set is the dead-letter queue itself,
// so an event is in exactly one place at any moment and no crash can lose it between two.
import { context, isSpanContextValid, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { checkOptions, date, decimal, options as group, integer, type OptionTable, string } from '../config/options.js';
import { HAS_NAMES_OF_0_1 } from '../config/renamed-names.js';
import { errorType } from '../integrations/queue/error-type.js';
import {
  ATTR_DESTINATION,
  ATTR_ERROR_TYPE,
  ATTR_MESSAGE_ID,
  ATTR_METHOD,
  ATTR_OPERATION_NAME,
  ATTR_OPERATION_TYPE,
  ATTR_REPLAY,
  ATTR_SYSTEM,
  OPERATION_SEND,
  SYSTEM,
} from '../integrations/queue/names.js';
import { withDeadline } from '../node/deadline.js';
import { type DeadLetter, type DeadLetterDetails, type DeadLetterFilter, letterOf, matchesFilter, readNotes } from './dead-letter.js';
import { replayLinks, replayMetadata } from './job-trace.js';
import type { QueueEvents } from './queue-event.js';
import { WebhookQueueError } from './webhook-error.js';
import { jobIdOf, payloadOf } from './webhook-event.js';
import type { StoreQueue, WebhookJob, WebhookStore } from './webhook-store.js';

const PAGE = 100;
const ANSWER_MS = 5000;
const ID = string('the id of an event', /^[\s\S]/);
const TEXT = string('a string', /^/);
const FILTER = group({ type: TEXT, diedBefore: date, diedAfter: date, reason: TEXT });
const LIST: OptionTable = { filter: FILTER, limit: integer(1) };
const REPLAY_ALL: OptionTable = { filter: FILTER, ratePerSecond: decimal(0.001, 1_000_000) };

export class DeadLetters {
  readonly #queueName: string;
  readonly #stores: readonly WebhookStore[];
  readonly #events: QueueEvents;

  constructor(queueName: string, stores: readonly WebhookStore[], events: QueueEvents) {
    this.#queueName = queueName;
    this.#stores = stores;
    this.#events = events;
  }

  /** Newest first, at most `limit` (default 100) from each store that answers. */
  async list(options: { filter?: DeadLetterFilter; limit?: number } = {}): Promise<DeadLetter[]> {
    checkOptions('options', options, LIST);
    const { filter = {}, limit = PAGE } = options;
    const letters: DeadLetter[] = [];
    for await (const { letter } of this.#find(filter)) {
      letters.push(letter);
      if (letters.length >= limit) break;
    }
    return letters;
  }

  /** @throws {WebhookQueueError} WEBHOOK_DEAD_LETTER_NOT_FOUND */
  async get(eventId: string): Promise<DeadLetterDetails> {
    const { store, queue, job } = await this.#locate(eventId);
    const { logs } = await answer(queue.getJobLogs(jobIdOf(eventId)));
    return { ...letterOf(job, store), payload: payloadOf(job.data), attempts: readNotes(logs) };
  }

  /**
   * Puts a dead letter back with all its attempts, in a new trace linked to the first one.
   * @throws {WebhookQueueError} WEBHOOK_DEAD_LETTER_NOT_FOUND
   */
  async replay(eventId: string): Promise<{ jobId: string; traceId: string | undefined }> {
    const { job } = await this.#locate(eventId);
    return this.#replay(job);
  }

  /**
   * Replays all that match, at most `ratePerSecond` (default 50) of them a second. Resolves with
   * their number, without those that somebody else replayed or removed meanwhile.
   */
  async replayAll(options: { filter?: DeadLetterFilter; ratePerSecond?: number } = {}): Promise<number> {
    checkOptions('options', options, REPLAY_ALL);
    const { filter = {}, ratePerSecond = 50 } = options;
    let count = 0;
    for (const eventId of await this.#matching(filter)) {
      const started = performance.now();
      if (!(await this.replay(eventId).then(() => true, falseWhereNotFound))) continue;
      count++;
      await sleep(1000 / ratePerSecond - (performance.now() - started));
    }
    return count;
  }

  /** Deletes a dead letter for good. @throws {WebhookQueueError} WEBHOOK_DEAD_LETTER_NOT_FOUND */
  async remove(eventId: string): Promise<void> {
    const { job } = await this.#locate(eventId);
    await answer(job.remove());
  }

  /** In the stores that answer. */
  async count(): Promise<number> {
    const counts = await Promise.all(this.#stores.map((store) => countFailed(store).catch(() => 0)));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  /** Ids first: replayed letters leave the set that is being read. */
  async #matching(filter: DeadLetterFilter): Promise<string[]> {
    const ids: string[] = [];
    for await (const { letter } of this.#find(filter)) ids.push(letter.id);
    return ids;
  }

  async *#find(filter: DeadLetterFilter): AsyncGenerator<{ letter: DeadLetter; job: WebhookJob }> {
    for (const store of this.#stores) {
      const queue = await answer(store.queue()).catch(() => undefined);
      for (let start = 0; queue !== undefined; start += PAGE) {
        const jobs = await answer(queue.getFailed(start, start + PAGE - 1));
        for (const job of jobs) {
          const letter = letterOf(job, store.name);
          if (matchesFilter(letter, filter)) yield { letter, job };
        }
        if (jobs.length < PAGE) break;
      }
    }
  }

  /** @throws {TypeError} for an id that is none. */
  async #locate(eventId: string): Promise<{ store: WebhookStore['name']; queue: StoreQueue; job: WebhookJob }> {
    ID('eventId', eventId);
    for (const store of this.#stores) {
      const queue = await answer(store.queue()).catch(() => undefined);
      const job = queue === undefined ? undefined : await answer(queue.getJob(jobIdOf(eventId)));
      if (queue !== undefined && job !== undefined && (await answer(job.getState())) === 'failed') return { store: store.name, queue, job };
    }
    throw new WebhookQueueError('WEBHOOK_DEAD_LETTER_NOT_FOUND', 'There is no dead letter with this id');
  }

  async #replay(job: WebhookJob): Promise<{ jobId: string; traceId: string | undefined }> {
    const jobId = job.id ?? '';
    const attributes = {
      [ATTR_SYSTEM]: SYSTEM,
      [ATTR_DESTINATION]: this.#queueName,
      [ATTR_OPERATION_TYPE]: OPERATION_SEND,
      [ATTR_OPERATION_NAME]: HAS_NAMES_OF_0_1 ? 'replay' : OPERATION_SEND,
      [ATTR_METHOD]: 'replay',
      [ATTR_MESSAGE_ID]: jobId,
      [ATTR_REPLAY]: true,
    };
    const tracer = trace.getTracer('@sietch/otel/queue');
    const span = tracer.startSpan(`${OPERATION_SEND} ${this.#queueName}`, {
      kind: SpanKind.PRODUCER,
      root: true,
      attributes,
      links: replayLinks(job),
    });
    const metadata = replayMetadata(job, span);
    const { postponed: _, ...data } = job.data;
    const replay = { count: (data.replay?.count ?? 0) + 1, ...(metadata === undefined ? {} : { metadata }) };
    try {
      await context.with(trace.setSpan(ROOT_CONTEXT, span), async () => {
        await answer(job.updateData({ ...data, replay }));
        await answer(job.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true }));
      });
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute(ATTR_ERROR_TYPE, errorType(error));
      throw await unlessReplayed(job, error);
    } finally {
      span.end();
    }
    this.#events.notify({ type: 'replayed', queue: this.#queueName, eventId: job.data.id });
    return { jobId, traceId: traceIdOf(span) };
  }
}

/** The later of two replays at once finds no dead letter. */
async function unlessReplayed(job: WebhookJob, cause: unknown): Promise<unknown> {
  const state = await answer(job.getState()).catch(() => 'failed');
  return state === 'failed'
    ? cause
    : new WebhookQueueError('WEBHOOK_DEAD_LETTER_NOT_FOUND', 'There is no dead letter with this id', { cause });
}

function falseWhereNotFound(error: unknown): false {
  if (error instanceof WebhookQueueError && error.code === 'WEBHOOK_DEAD_LETTER_NOT_FOUND') return false;
  throw error;
}

async function countFailed(store: WebhookStore): Promise<number> {
  const queue = await answer(store.queue());
  const { failed = 0 } = await answer(queue.getJobCounts('failed'));
  return failed;
}

/** Undefined where no SDK runs. */
function traceIdOf(span: Span): string | undefined {
  const spanContext = span.spanContext();
  return isSpanContextValid(spanContext) ? spanContext.traceId : undefined;
}

function answer<Value>(promise: Promise<Value>): Promise<Value> {
  return withDeadline(promise, ANSWER_MS);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}
