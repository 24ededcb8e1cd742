// Ends the spans of a kept trace that are open when an error ends the process.
import { type SpanContext, SpanStatusCode } from '@opentelemetry/api';
import { recordingOf } from '../../context/trace-recording.js';
import { RecordedSpan } from '../trace/recorded-span.js';
import { RecordedTrace } from './recorded-trace.js';

export function endOpenSpans(spanContext: SpanContext): void {
  const recording = recordingOf(spanContext);
  if (!(recording instanceof RecordedTrace) || recording.state !== 'kept') return;
  for (const span of [...recording.spans].reverse()) {
    if (span instanceof RecordedSpan && span.isRecording()) span.setStatus({ code: SpanStatusCode.ERROR }).end();
  }
}
