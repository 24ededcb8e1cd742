// The span object BullMQ is given for its operations. It takes what is worth keeping and drops the rest: BullMQ also hands over results,
// reasons and names of whole bulks.
import { type Span, SpanStatusCode } from '@opentelemetry/api';
import type { OperationSpan } from './bullmq-module.js';
import { ATTR_BATCH_COUNT, ATTR_ERROR_TYPE, ATTR_EXCEPTION_TYPE, ATTR_JOB_NAME, ATTR_MESSAGE_ID, EVENT_EXCEPTION } from './names.js';

/** BullMQ's attribute → ours. */
const KEPT: Readonly<Record<string, string>> = {
  'bullmq.job.id': ATTR_MESSAGE_ID,
  'bullmq.job.name': ATTR_JOB_NAME,
  'bullmq.job.bulk.count': ATTR_BATCH_COUNT,
};

export class JobSpan implements OperationSpan {
  readonly span: Span;
  readonly #isDescribed: boolean;
  /** Jobs handed over: 1, or the size of the bulk. */
  count = 1;
  /** Class of the error that made the operation fail. */
  errorType: string | undefined;

  /** @param isDescribed what BullMQ says of the job is on the span already */
  constructor(span: Span, isDescribed: boolean) {
    this.span = span;
    this.#isDescribed = isDescribed;
  }

  setAttributes(attributes: Readonly<Record<string, unknown>>): void {
    if (this.#isDescribed) return;
    for (const key in attributes) this.setAttribute(key, attributes[key]);
  }

  setAttribute(key: string, value: unknown): void {
    const kept = KEPT[key];
    if (kept === undefined) return;
    if (kept === ATTR_BATCH_COUNT && typeof value === 'number') this.count = value;
    if (typeof value === 'string' || typeof value === 'number') this.span.setAttribute(kept, value);
  }

  /** BullMQ says `job failed` also where no processor ran: a job that stalled too often. */
  addEvent(name: string): void {
    if (name === 'job failed') this.fail('_OTHER');
  }

  /** Marks the span as failed, once: the first error is the cause. */
  fail(type: string): void {
    if (this.errorType !== undefined) return;
    this.errorType = type;
    this.span.setStatus({ code: SpanStatusCode.ERROR });
    this.span.setAttribute(ATTR_ERROR_TYPE, type);
    this.span.addEvent(EVENT_EXCEPTION, { [ATTR_EXCEPTION_TYPE]: type });
  }

  /** Connection errors while BullMQ stores an outcome; it tries again. */
  recordException(): void {}

  /** Ended by who started it. */
  end(): void {}
}
