// Traces an incoming request, in the order of its life: id taken over, span started, response
// header set; at the end it is measured.
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type Attributes,
  type Context,
  context,
  type Histogram,
  INVALID_SPAN_CONTEXT,
  INVALID_TRACEID,
  propagation,
  ROOT_CONTEXT,
  type Span,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { setRPCMetadata, suppressTracing } from '@opentelemetry/core';
import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_NETWORK_PROTOCOL_VERSION,
  ATTR_URL_QUERY,
} from '@opentelemetry/semantic-conventions';
import { onSettingsChange } from '../../config/live-settings.js';
import type { SettingsOf } from '../../config/setting.js';
import { acceptCallerId, ChildContext, contextConfiguration, idGenerator, respondTraceId } from '../../context/index.js';
import { HEADER_TRACE_KEEP } from '../../context/names.js';
import { isHeldBefore } from '../../context/recorded-mark.js';
import { isRecorderOn, keepTrace } from '../../context/trace-recording.js';
import { RecordedSpan } from '../../sdk/trace/recorded-span.js';
import type { BodySizes } from './body-sizes.js';
import { capturableHeaders, HeaderCapture } from './captured-headers.js';
import { createPathFilter } from './ignored-paths.js';
import { IncomingAttributes, type Scheme } from './incoming-attributes.js';
import { IncomingRequest, type RequestEnd } from './incoming-request.js';
import { queryOf, redactQuery } from './redacted-url.js';
import { AllRequestSeries } from './request-series.js';
import { httpSettings } from './settings.js';

/** Tracer and instruments, which change: providers are set after the request tracer is made. */
export interface ServerTelemetry {
  tracer(): Tracer;
  duration(): Histogram;
  /** Undefined where they are not measured. */
  bodySizes(): BodySizes | undefined;
}

const NOT_OBSERVED = trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
const NO_ATTRIBUTES: Attributes = {};
const ROOT = new ChildContext(ROOT_CONTEXT);

export class RequestTracer implements RequestEnd {
  readonly series = new AllRequestSeries();
  readonly #telemetry: ServerTelemetry;
  readonly #keptValues: ReadonlySet<string>;
  readonly #takesKeepHeader: boolean;
  #isIgnored: ((request: IncomingMessage) => boolean) | undefined;
  readonly #attributes = { http: new IncomingAttributes('http'), https: new IncomingAttributes('https') };
  readonly #requestHeaders: HeaderCapture;
  readonly #responseHeaders: HeaderCapture;

  constructor(telemetry: ServerTelemetry, settings: SettingsOf<typeof httpSettings>) {
    this.#telemetry = telemetry;
    this.#takesKeepHeader = settings.keepHeader;
    this.#keptValues = new Set(settings.queryValues);
    this.#isIgnored = pathFilterOf(settings);
    onSettingsChange(settings, () => {
      this.#isIgnored = pathFilterOf(settings);
    });
    const { serverRequestHeaders, serverResponseHeaders } = httpSettings;
    this.#requestHeaders = new HeaderCapture('request', capturableHeaders(settings.serverRequestHeaders, serverRequestHeaders.env));
    this.#responseHeaders = new HeaderCapture('response', capturableHeaders(settings.serverResponseHeaders, serverResponseHeaders.env));
  }

  start(request: IncomingMessage, response: ServerResponse, scheme: Scheme): IncomingRequest {
    const startedAt = performance.now();
    const incoming =
      this.#isIgnored?.(request) === true
        ? new IncomingRequest(suppressTracing(context.active()), NOT_OBSERVED, startedAt, NO_ATTRIBUTES, undefined)
        : this.#observe(request, response, scheme, startedAt);
    incoming.attachTo(request);
    if (incoming.isObserved) incoming.begin(response);
    return incoming;
  }

  #observe(request: IncomingMessage, response: ServerResponse, scheme: Scheme, startedAt: number): IncomingRequest {
    const plain = this.#attributes[scheme].plain(request);
    const { name, options } = plain ?? this.#attributes[scheme].other(request);
    const parent = propagation.extract(ROOT, request.headers);
    const { header } = contextConfiguration();
    const callerId = header === undefined || request.headers[header] === undefined ? undefined : acceptCallerId(request.headers);
    // Taken by the span only when it has no remote parent: `traceparent` wins.
    if (callerId?.kind === 'trace-id') idGenerator.setNext(callerId.traceId);
    const span = this.#telemetry.tracer().startSpan(name, options, parent);
    idGenerator.clear();
    if (span.isRecording()) {
      if (plain !== undefined) {
        const own = this.#attributes[scheme].own(request);
        if (span instanceof RecordedSpan) span.adopt(own);
        else span.setAttributes(own);
      }
      this.#describe(span, request);
    }
    const incoming = new IncomingRequest(parent, span, startedAt, options.attributes ?? NO_ATTRIBUTES, this);
    incoming.context = trace.setSpan(setRPCMetadata(parent, incoming), span);
    if (isRecorderOn()) this.#noteCaller(incoming, request, parent);
    incoming.series = this.series.of(incoming.metricAttributes[ATTR_HTTP_REQUEST_METHOD], scheme);
    this.#telemetry.bodySizes()?.begin(incoming, request);
    const { traceId } = span.spanContext();
    if (traceId !== INVALID_TRACEID) respondTraceId(response, traceId);
    return incoming;
  }

  #noteCaller(incoming: IncomingRequest, request: IncomingMessage, parent: Context): void {
    const caller = trace.getSpanContext(parent);
    incoming.isCallerRecorded = isHeldBefore(caller);
    if (this.#takesKeepHeader && request.headers[HEADER_TRACE_KEEP] === '1') keepTrace(incoming.span.spanContext(), 'caller');
  }

  /** The attributes that settings ask for. */
  #describe(span: Span, request: IncomingMessage): void {
    const query = queryOf(request.url ?? '');
    if (query) span.setAttribute(ATTR_URL_QUERY, redactQuery(query, this.#keptValues));
    this.#requestHeaders.add(span, (header) => request.headers[header]);
  }

  addResponseHeaders(span: Span, response: ServerResponse): void {
    this.#responseHeaders.add(span, (header) => response.getHeader(header));
  }

  measure(incoming: IncomingRequest, statusCode: number | undefined, errorType: string | undefined): void {
    const { startedAt, context: measuredIn, metricAttributes, route, series } = incoming;
    if (series === undefined) return;
    const attributes = series.measured(metricAttributes[ATTR_NETWORK_PROTOCOL_VERSION], route, statusCode);
    if (errorType !== undefined) attributes[ATTR_ERROR_TYPE] = errorType;
    this.#telemetry.duration().record((performance.now() - startedAt) / 1000, attributes, measuredIn);
    this.#telemetry.bodySizes()?.record(incoming, attributes, measuredIn);
  }
}

function pathFilterOf({ ignorePaths }: SettingsOf<typeof httpSettings>): ((request: IncomingMessage) => boolean) | undefined {
  return ignorePaths.length > 0 ? createPathFilter(ignorePaths) : undefined;
}
