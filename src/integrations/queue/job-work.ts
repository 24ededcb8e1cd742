// The work of one job's span: the context BullMQ works in, which ends the span when the work is
// settled.
import { type Context, createContextKey, type Span, SpanStatusCode } from '@opentelemetry/api';
import { TalliedContext } from '../../context/command-tally.js';
import { EVENT_PROCESS_EXCEPTION, type EVENT_SEND_EXCEPTION, recordException } from '../../observe/exceptions.js';
import type { PromiseObserver } from '../../observe/observe-promise.js';
import { type CallOwner, JOB } from '../../observe/open-calls.js';
import { errorType } from './error-type.js';
import { ATTR_ERROR_TYPE, ATTR_EXCEPTION_TYPE, ATTR_REDIS_CALLS, ATTR_REDIS_TIME } from './names.js';

const KEY = createContextKey('sietch-otel.queue.job-span');

export class JobWork extends TalliedContext implements PromiseObserver {
  readonly span: Span;
  /** The run of its processor, which BullMQ's own commands are calls of. */
  run: CallOwner | undefined = undefined;
  /** Class of the error that made the operation fail. */
  errorType: string | undefined = undefined;

  constructor(appContext: Context, span: Span) {
    super(appContext);
    this.span = span;
  }

  override getValue(key: symbol): unknown {
    if (key === KEY) return this;
    return key === JOB && this.run !== undefined ? this.run : super.getValue(key);
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
