// The last resort: the processor runs inside `enqueue`, so that the webhook is acknowledged only
// after its work is done.
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { HAS_NAMES_OF_0_1 } from '../config/renamed-names.js';
import { errorType } from '../integrations/queue/error-type.js';
import {
  ATTR_DESTINATION,
  ATTR_ERROR_TYPE,
  ATTR_EXCEPTION_TYPE,
  ATTR_JOB_NAME,
  ATTR_MESSAGE_ID,
  ATTR_METHOD,
  ATTR_OPERATION_NAME,
  ATTR_OPERATION_TYPE,
  ATTR_SYSTEM,
  OPERATION_PROCESS,
  SYSTEM,
} from '../integrations/queue/names.js';
import { afterLoopTime } from '../node/deadline.js';
import { EVENT_PROCESS_EXCEPTION, recordException } from '../observe/exceptions.js';
import { ClaimError } from './claims.js';
import type { JobRunner } from './job-runner.js';
import { WebhookQueueError } from './webhook-error.js';
import { jobIdOf, type WebhookJobData } from './webhook-event.js';

export class DirectProcessing {
  readonly #queue: string;
  readonly #runner: JobRunner;
  readonly #concurrency: number;
  readonly #timeoutMs: number;
  readonly #running = new Set<Promise<unknown>>();

  constructor(queue: string, runner: JobRunner, limits: { concurrency: number; timeoutMs: number }) {
    this.#queue = queue;
    this.#runner = runner;
    this.#concurrency = limits.concurrency;
    this.#timeoutMs = limits.timeoutMs;
  }

  /**
   * Resolves when the processor is done; with false where the event's work was done before.
   * @throws {WebhookQueueError} WEBHOOK_DIRECT_BUSY, _FAILED, _TIMEOUT, WEBHOOK_CLAIM_BUSY,
   * WEBHOOK_UNAVAILABLE: not to be acknowledged.
   */
  async run(data: WebhookJobData): Promise<boolean> {
    if (this.#running.size >= this.#concurrency) {
      throw new WebhookQueueError('WEBHOOK_DIRECT_BUSY', `${this.#concurrency} webhooks are being processed directly`);
    }
    const abort = new AbortController();
    const work = this.#trace(data, abort.signal);
    this.#running.add(work);
    work.finally(() => this.#running.delete(work)).catch(() => {});
    return await this.#withTimeout(work, abort);
  }

  /** Resolves when nothing runs any more. */
  async idle(): Promise<void> {
    await Promise.allSettled([...this.#running]);
  }

  async #withTimeout(work: Promise<boolean>, abort: AbortController): Promise<boolean> {
    let cancel = () => {};
    const timeout = new Promise<never>((_resolve, reject) => {
      cancel = afterLoopTime(this.#timeoutMs, () => {
        abort.abort();
        reject(new WebhookQueueError('WEBHOOK_DIRECT_TIMEOUT', `Direct processing took longer than ${this.#timeoutMs} ms`));
      });
    });
    try {
      return await Promise.race([work, timeout]);
    } catch (error) {
      throw asQueueError(error);
    } finally {
      cancel();
    }
  }

  /** As a worker's span, so that dashboards show it where jobs are. */
  #trace(data: WebhookJobData, signal: AbortSignal): Promise<boolean> {
    const jobId = jobIdOf(data.id);
    const attributes = {
      [ATTR_SYSTEM]: SYSTEM,
      [ATTR_DESTINATION]: this.#queue,
      [ATTR_OPERATION_TYPE]: OPERATION_PROCESS,
      [ATTR_OPERATION_NAME]: HAS_NAMES_OF_0_1 ? 'direct' : OPERATION_PROCESS,
      [ATTR_METHOD]: 'direct',
      [ATTR_MESSAGE_ID]: jobId,
      [ATTR_JOB_NAME]: data.type,
    };
    const span = trace
      .getTracer('@sietch/otel/queue')
      .startSpan(`${OPERATION_PROCESS} ${this.#queue}`, { kind: SpanKind.CONSUMER, attributes });
    const about = { jobId, attempt: 1, maxAttempts: 1, mode: 'direct', store: 'none', signal } as const;
    return context.with(trace.setSpan(context.active(), span), async () => {
      try {
        return await this.#runner.run(data, about);
      } catch (error) {
        span.setStatus({ code: SpanStatusCode.ERROR });
        span.setAttribute(ATTR_ERROR_TYPE, errorType(error));
        recordException(span, EVENT_PROCESS_EXCEPTION, { [ATTR_EXCEPTION_TYPE]: errorType(error) });
        throw error;
      } finally {
        span.end();
      }
    });
  }
}

function asQueueError(error: unknown): WebhookQueueError {
  if (error instanceof WebhookQueueError) return error;
  if (!(error instanceof ClaimError)) {
    return new WebhookQueueError('WEBHOOK_DIRECT_FAILED', 'No store took the webhook and processing it directly failed', { cause: error });
  }
  const code = error.reason === 'busy' ? 'WEBHOOK_CLAIM_BUSY' : 'WEBHOOK_UNAVAILABLE';
  return new WebhookQueueError(code, error.message, { cause: error });
}
