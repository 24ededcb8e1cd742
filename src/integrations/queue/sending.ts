// The sending of jobs, and the span object that BullMQ writes to meanwhile. Of BullMQ's attributes a
// few are kept; the rest is dropped: options, results and names of whole bulks.
import type { Context, Span } from '@opentelemetry/api';
import { EVENT_SEND_EXCEPTION } from '../../observe/exceptions.js';
import type { OperationSpan } from './bullmq-module.js';
import { JobWork } from './job-work.js';
import { ATTR_BATCH_COUNT, ATTR_JOB_NAME, ATTR_MESSAGE_ID } from './names.js';
import type { QueueMetrics } from './queue-metrics.js';

/** BullMQ's attribute → ours. */
const KEPT: Readonly<Record<string, string>> = {
  'bullmq.job.id': ATTR_MESSAGE_ID,
  'bullmq.job.name': ATTR_JOB_NAME,
  'bullmq.job.bulk.count': ATTR_BATCH_COUNT,
};

export class Sending extends JobWork implements OperationSpan {
  readonly #metrics: QueueMetrics;
  readonly #queue: string;
  readonly #operation: string;
  readonly #started = performance.now();
  /** Jobs handed over: 1, or the size of the bulk. */
  #count = 1;

  constructor(sendContext: Context, span: Span, metrics: QueueMetrics, queue: string, operation: string) {
    super(sendContext, span);
    this.#metrics = metrics;
    this.#queue = queue;
    this.#operation = operation;
  }

  setAttributes(attributes: Readonly<Record<string, unknown>>): void {
    for (const key in attributes) this.setAttribute(key, attributes[key]);
  }

  setAttribute(key: string, value: unknown): void {
    const kept = KEPT[key];
    if (kept === undefined) return;
    if (kept === ATTR_BATCH_COUNT && typeof value === 'number') this.#count = value;
    if (typeof value === 'string' || typeof value === 'number') this.span.setAttribute(kept, value);
  }

  addEvent(): void {}

  recordException(): void {}

  /** BullMQ's end of it comes before its promise is settled. */
  end(): void {}

  override get exceptionEvent(): typeof EVENT_SEND_EXCEPTION {
    return EVENT_SEND_EXCEPTION;
  }

  override onSettled(failed: boolean, error: unknown): void {
    super.onSettled(failed, error);
    const { errorType, span } = this;
    this.#metrics.sent(
      this.#queue,
      this.#operation,
      this.#count,
      (performance.now() - this.#started) / 1000,
      errorType,
      span.spanContext(),
    );
  }
}
