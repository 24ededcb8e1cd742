// The SDK's side of a queue: processors for spans and log records.
import { TraceFlags } from '@opentelemetry/api';
import type { LogRecordProcessor, ReadableLogRecord, ReadWriteLogRecord } from '@opentelemetry/sdk-logs';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';
import { CompletedSpan } from '../sdk/trace/completed-span.js';
import type { ExportQueue } from './export-queue.js';

/**
 * Longest that forceFlush() or shutdown() of the SDK waits, in ms; the end of the process has a
 * shorter bound of its own.
 */
const FLUSH_MS = 10_000;

export class QueueSpanProcessor implements SpanProcessor {
  readonly #queue: ExportQueue<ReadableSpan>;

  constructor(queue: ExportQueue<ReadableSpan>) {
    this.#queue = queue;
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    if (span instanceof CompletedSpan || (span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0) this.#queue.add(span);
  }

  forceFlush(): Promise<void> {
    return this.#queue.flush(FLUSH_MS);
  }

  shutdown(): Promise<void> {
    return this.#queue.shutdown(FLUSH_MS);
  }
}

export class QueueLogProcessor implements LogRecordProcessor {
  readonly #queue: ExportQueue<ReadableLogRecord>;

  constructor(queue: ExportQueue<ReadableLogRecord>) {
    this.#queue = queue;
  }

  onEmit(record: ReadWriteLogRecord): void {
    this.#queue.add(record);
  }

  forceFlush(): Promise<void> {
    return this.#queue.flush(FLUSH_MS);
  }

  shutdown(): Promise<void> {
    return this.#queue.shutdown(FLUSH_MS);
  }
}
