// The work of one job's span: the context BullMQ works in, and the span object that BullMQ writes
// to. It keeps a few of BullMQ's attributes and drops the rest: results, reasons and names of whole
// bulks.
import { type Context, createContextKey, type Span, SpanStatusCode } from '@opentelemetry/api';
import { TalliedContext } from '../../context/command-tally.js';
import { EVENT_PROCESS_EXCEPTION, type EVENT_SEND_EXCEPTION, recordException } from '../../observe/exceptions.js';
import type { PromiseObserver } from '../../observe/observe-promise.js';
import { type CallOwner, JOB } from '../../observe/open-calls.js';
import { OTHER } from '../../sdk/metrics/overflow.js';
import type { OperationSpan } from './bullmq-module.js';
import { errorType } from './error-type.js';
import {
  ATTR_BATCH_COUNT,
  ATTR_ERROR_TYPE,
  ATTR_EXCEPTION_TYPE,
  ATTR_JOB_NAME,
  ATTR_MESSAGE_ID,
  ATTR_REDIS_CALLS,
  ATTR_REDIS_TIME,
} from './names.js';

const KEY = createContextKey('sietch-otel.queue.job-span');

/** BullMQ's attribute → ours. */
const KEPT: Readonly<Record<string, string>> = {
  'bullmq.job.id': ATTR_MESSAGE_ID,
  'bullmq.job.name': ATTR_JOB_NAME,
  'bullmq.job.bulk.count': ATTR_BATCH_COUNT,
};

export class JobWork extends TalliedContext implements OperationSpan, PromiseObserver {
  readonly span: Span;
  readonly #isDescribed: boolean;
  /** Jobs handed over: 1, or the size of the bulk. */
  count = 1;
  /** The run of its processor, which BullMQ's own commands are calls of. */
  run: CallOwner | undefined = undefined;
  /** Class of the error that made the operation fail. */
  errorType: string | undefined = undefined;

  /** @param isDescribed the job's attributes are on the span already */
  constructor(appContext: Context, span: Span, isDescribed: boolean) {
    super(appContext);
    this.span = span;
    this.#isDescribed = isDescribed;
  }

  override getValue(key: symbol): unknown {
    if (key === KEY) return this;
    return key === JOB && this.run !== undefined ? this.run : super.getValue(key);
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

  /** BullMQ adds `job failed` also where no processor ran: a job that stalled too often. */
  addEvent(name: string): void {
    if (name === 'job failed') this.fail(OTHER);
  }

  /** The event of what makes it fail. */
  get exceptionEvent(): typeof EVENT_PROCESS_EXCEPTION | typeof EVENT_SEND_EXCEPTION {
    return EVENT_PROCESS_EXCEPTION;
  }

  /** Marks the span as failed, once: the first error is the cause. */
  fail(type: string): void {
    if (this.errorType !== undefined) return;
    this.errorType = type;
    this.span.setStatus({ code: SpanStatusCode.ERROR });
    this.span.setAttribute(ATTR_ERROR_TYPE, type);
    recordException(this.span, this.exceptionEvent, { [ATTR_EXCEPTION_TYPE]: type });
  }

  /** Connection errors while BullMQ stores an outcome; it tries again. */
  recordException(): void {}

  /** BullMQ's end of it comes before its promise is settled. */
  end(): void {}

  onSettled(failed: boolean, error: unknown): void {
    const { span, calls, timeMs } = this;
    if (failed) this.fail(errorType(error));
    if (calls > 0) {
      span.setAttribute(ATTR_REDIS_CALLS, calls);
      span.setAttribute(ATTR_REDIS_TIME, timeMs / 1000);
    }
    span.end();
  }
}

/** The attempt or sending that `active` is BullMQ's work for. */
export function jobWorkOf(active: Context): JobWork | undefined {
  const found = active instanceof JobWork ? active : active.getValue(KEY);
  return found instanceof JobWork ? found : undefined;
}
