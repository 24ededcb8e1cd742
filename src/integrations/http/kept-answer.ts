// The header `x-trace-keep` of an answer: it tells the caller, whose flight recorder holds the other
// half of the trace, that this process sends its own. A reason that comes up after the headers have
// gone out does not reach the caller.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { metrics, type Span, TraceFlags } from '@opentelemetry/api';
import type { UndiciResponse } from '@opentelemetry/instrumentation-undici';
import { createInstrument } from '../../config/metric.js';
import { HEADER_TRACE_KEEP } from '../../context/names.js';
import { ANSWERED, type KeptTrace, keepTrace, onTraceKept, recordingOf } from '../../context/trace-recording.js';
import { incomingOf } from './incoming-request.js';
import { METRIC_UNTOLD_CALLERS } from './names.js';

type WriteHead = ServerResponse['writeHead'];

/** From here on a request has failed, and its span will say so when it ends. */
const FIRST_FAILURE = 500;

/** Makes the `writeHead` of responses, which Node.js calls too where the app does not. */
export function observeWriteHead(original: WriteHead): WriteHead {
  onTraceKept(countUntold);
  return function writeHead(this: ServerResponse, ...args: unknown[]) {
    const incoming = incomingOf(this.req);
    if (incoming?.isCallerRecorded === true) tellCaller(this, incoming.span, args[0]);
    return Reflect.apply(original, this, args);
  };
}

function tellCaller(response: ServerResponse, span: Span, status: unknown): void {
  const spanContext = span.spanContext();
  if (typeof status === 'number' && status >= FIRST_FAILURE) keepTrace(spanContext, 'error');
  // The caller has not sampled the trace: if it is sampled now, it is kept.
  const isKept = (spanContext.traceFlags & TraceFlags.SAMPLED) !== 0;
  const recording = recordingOf(spanContext);
  if (!isKept && recording !== undefined) recording.notes |= ANSWERED;
  if (isKept && !response.headersSent) response.setHeader(HEADER_TRACE_KEEP, spanContext.traceId);
}

function countUntold({ root }: KeptTrace): void {
  const recording = recordingOf(root);
  // Made at each of these rare events, by the meter provider of that moment.
  if (recording !== undefined && (recording.notes & ANSWERED) !== 0)
    createInstrument(metrics.getMeter('@sietch/otel'), METRIC_UNTOLD_CALLERS).add(1);
}

/** Reads the answer to a request of node:http. */
export function hearKept(span: Span, response: IncomingMessage | ServerResponse): void {
  if ('headers' in response) keepHalf(span, response.headers[HEADER_TRACE_KEEP]);
}

/** Reads the answer to a request of `fetch` or undici. Names and values come in turn. */
export function hearKeptByFetch(span: Span, { headers }: UndiciResponse): void {
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i];
    if (name?.length !== HEADER_TRACE_KEEP.length || name.toString('latin1').toLowerCase() !== HEADER_TRACE_KEEP) continue;
    keepHalf(span, headers[i + 1]?.toString('latin1'));
  }
}

/** Any server can send the header: it counts for the trace that it was called in. */
function keepHalf(span: Span, told: unknown): void {
  const spanContext = span.spanContext();
  if (told === spanContext.traceId) keepTrace(spanContext, 'downstream');
}
