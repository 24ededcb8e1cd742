// A log record processor of the app. What it throws goes to one line on stderr, not to the code that
// emits the record, and not in the way of the processors after it.
import type { Context } from '@opentelemetry/api';
import type { LogRecordProcessor, ReadWriteLogRecord } from '@opentelemetry/sdk-logs';
import { ProcessorTrouble } from '../processor-trouble.js';

export class AppLogProcessor implements LogRecordProcessor {
  readonly #given: LogRecordProcessor;
  readonly #trouble = new ProcessorTrouble();

  constructor(given: LogRecordProcessor) {
    this.#given = given;
  }

  onEmit(record: ReadWriteLogRecord, context?: Context): void {
    try {
      this.#given.onEmit(record, context);
    } catch (error) {
      this.#trouble.report('onEmit', error);
    }
  }

  enabled(options: Parameters<NonNullable<LogRecordProcessor['enabled']>>[0]): boolean {
    try {
      return this.#given.enabled?.(options) ?? true;
    } catch (error) {
      this.#trouble.report('enabled', error);
      return true;
    }
  }

  async forceFlush(): Promise<void> {
    try {
      await this.#given.forceFlush();
    } catch (error) {
      this.#trouble.report('forceFlush', error);
    }
  }

  async shutdown(): Promise<void> {
    try {
      await this.#given.shutdown();
    } catch (error) {
      this.#trouble.report('shutdown', error);
    }
  }
}
