// Keeps the trace of each log record of level error or worse, where log records are exported.
import { SeverityNumber } from '@opentelemetry/api-logs';
import type { LogRecordProcessor, ReadWriteLogRecord } from '@opentelemetry/sdk-logs';
import { keepTrace } from '../../context/trace-recording.js';

/** Adds to the processors of an SDK, if there are any: without one no log record is made. */
export function keepingTraces(processors: readonly LogRecordProcessor[]): LogRecordProcessor[] {
  return processors.length === 0 ? [] : [new KeepLogProcessor(), ...processors];
}

class KeepLogProcessor implements LogRecordProcessor {
  onEmit({ severityNumber, spanContext }: ReadWriteLogRecord): void {
    if ((severityNumber ?? SeverityNumber.UNSPECIFIED) >= SeverityNumber.ERROR) keepTrace(spanContext, 'log_error');
  }

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {}
}
