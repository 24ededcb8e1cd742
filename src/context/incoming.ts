// Extracts context and ids from the headers of an incoming request or message, for the http
// integration, the middleware and TraceContext.
import { type Context, metrics, propagation, ROOT_CONTEXT, type TextMapGetter } from '@opentelemetry/api';
import { CompositePropagator, W3CBaggagePropagator } from '@opentelemetry/core';
import { createInstrument } from '../config/metric.js';
import { type CallerId, readCallerId } from './caller-id.js';
import { contextConfiguration } from './configuration.js';
import { headerValueOf, type IncomingHeaders, isFetchHeaders } from './headers.js';
import { METRIC_TRACE_ID_HEADER_IGNORED } from './names.js';
import { TraceContextPropagator } from './trace-context-propagator.js';
import { TraceIdPropagator } from './trace-id-propagator.js';

const tracePropagator = new TraceContextPropagator();
export const baggagePropagator = new W3CBaggagePropagator();
export const traceIdPropagator = new TraceIdPropagator();
/** Used while no SDK has registered a propagator. */
const standardPropagator = new CompositePropagator({ propagators: [tracePropagator, baggagePropagator] });

/** The propagator that is registered, else W3C trace context and baggage. */
export function activePropagator(): Pick<CompositePropagator, 'inject' | 'extract'> {
  return propagation.fields().length > 0 ? propagation : standardPropagator;
}

/** The context that `headers` describe: remote parent, baggage, correlation id. */
export function extractContext(headers: IncomingHeaders): Context {
  const base = activePropagator().extract(ROOT_CONTEXT, headers, headerGetter);
  // Again with ours, for an SDK that is not ours.
  return traceIdPropagator.extract(base, headers, headerGetter);
}

/** The id in `x-trace-id`, where it is accepted; ignored ones are counted. */
export function acceptCallerId(headers: IncomingHeaders): CallerId {
  const { header, accept } = contextConfiguration();
  if (header === undefined || !accept) return { kind: 'none' };
  const callerId = readCallerId(headerGetter.get(headers, header));
  if (callerId.kind === 'ignored') countIgnored();
  return callerId;
}

/** Reads headers of any form; missing or throwing ones count as absent. */
const headerGetter: TextMapGetter<IncomingHeaders> = {
  keys(headers) {
    try {
      return isFetchHeaders(headers) ? [...headers.keys()] : Object.keys(headers);
    } catch {
      return [];
    }
  },
  get(headers, name) {
    try {
      return readHeader(headers, name);
    } catch {
      return undefined;
    }
  },
};

function readHeader(headers: IncomingHeaders, name: string): string | string[] | undefined {
  if (isFetchHeaders(headers)) return headers.get(name) ?? undefined;
  const key = Object.hasOwn(headers, name) ? name : Object.keys(headers).find((each) => each.toLowerCase() === name);
  const value: unknown = key === undefined ? undefined : headers[key];
  return typeof value === 'number' ? String(value) : headerValueOf(value);
}

function countIgnored(): void {
  // Made at each of these rare events: an instrument made before the SDK started would never count
  // (the metrics API has no proxy).
  createInstrument(metrics.getMeter('@sietch/otel'), METRIC_TRACE_ID_HEADER_IGNORED).add(1);
}
