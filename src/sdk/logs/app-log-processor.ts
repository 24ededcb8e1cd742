// A log record processor of the app. What it throws reaches neither the code that emits the record
// nor the processors after it.
import type { Context } from '@opentelemetry/api';
import type { LogRecordProcessor, ReadWriteLogRecord } from '@opentelemetry/sdk-logs';
import { GuardedCalls } from '../guarded-calls.js';

export class AppLogProcessor implements LogRecordProcessor {
  readonly #given: LogRecordProcessor;
  readonly #calls = new GuardedCalls();

  constructor(given: LogRecordProcessor) {
    this.#given = given;
  }

  onEmit(record: ReadWriteLogRecord, context?: Context): void {
    this.#calls.attempt('onEmit', () => this.#given.onEmit(record, context), undefined);
  }

  enabled(options: Parameters<NonNullable<LogRecordProcessor['enabled']>>[0]): boolean {
    return this.#calls.attempt('enabled', () => this.#given.enabled?.(options) ?? true, true);
  }

  forceFlush(): Promise<void> {
    return this.#calls.settle('forceFlush', () => this.#given.forceFlush());
  }

  shutdown(): Promise<void> {
    return this.#calls.settle('shutdown', () => this.#given.shutdown());
  }
}
