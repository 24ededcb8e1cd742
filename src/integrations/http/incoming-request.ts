// One incoming request until its response has been sent: its context, span and route. It is the RPC
// metadata of its context, which is where frameworks' instrumentations put the route.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Attributes, type Context, type Span, SpanStatusCode } from '@opentelemetry/api';
import { type RPCMetadata, RPCType } from '@opentelemetry/core';
import {
  ATTR_ERROR_TYPE,
  ATTR_EXCEPTION_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
} from '@opentelemetry/semantic-conventions';
import { outcomeOf } from '../../context/response-outcome.js';
import { areOnSpans, EVENT_SERVER_EXCEPTION, logException } from '../../observe/exceptions.js';
import { CallOwner } from '../../observe/open-calls.js';
import { type RunningCategory, running } from '../../observe/running-operations.js';
import { methodInName, OTHER_METHOD } from './names.js';
import { endWithConnection, type PipelinedRequest } from './pipelined-requests.js';
import type { RequestSeries } from './request-series.js';
import { responseStep } from './response-step.js';

/** Called when a request ends. */
export interface RequestEnd {
  addResponseHeaders(span: Span, response: ServerResponse): void;
  /** @param errorType name of the error that ended it, or the status of a response that is one */
  measure(incoming: IncomingRequest, statusCode: number | undefined, errorType: string | undefined): void;
}

/** The `emit` of servers and messages. */
export type Emit<This> = (this: This, ...args: [event: string | symbol, ...unknown[]]) => unknown;
export interface Emitting<This = unknown> {
  emit: Emit<This>;
}

const INCOMING = Symbol('sietch rpc metadata');
type SeenRequest = IncomingMessage & { [INCOMING]?: IncomingRequest };

export class IncomingRequest extends CallOwner implements RPCMetadata {
  readonly type = RPCType.HTTP;
  readonly span: Span;
  /** A reading of `performance.now()`. */
  readonly startedAt: number;
  /** The attributes of its duration, besides the outcome. */
  readonly metricAttributes: Attributes;
  declare route?: string;
  /** The path that the router which has the request is mounted at. */
  declare mountedAt?: string;
  /** The caller holds its half of the trace in its flight recorder. */
  isCallerRecorded = false;
  /** In which the listeners of request and response are called. */
  context: Context;
  /** Until the request has ended. */
  response: ServerResponse | undefined = undefined;
  /** Bytes, where sizes are measured. */
  declare requestBody?: number;
  declare responseBody?: number;
  /** Where its response had to wait for those before it on its connection. */
  declare queue?: Set<PipelinedRequest>;
  /** Undefined for a request that is not observed. */
  series: RequestSeries | undefined = undefined;
  #isCounted = false;
  readonly #end: RequestEnd | undefined;
  /** The observation of the same request, when one server hands it to another. */
  #outer: IncomingRequest | undefined = undefined;
  #isEnded = false;

  /** @param end undefined for a request that is not observed */
  constructor(context: Context, span: Span, startedAt: number, metricAttributes: Attributes, end: RequestEnd | undefined) {
    super();
    this.context = context;
    this.span = span;
    this.startedAt = startedAt;
    this.metricAttributes = metricAttributes;
    this.#end = end;
  }

  attachTo(request: SeenRequest): void {
    this.#outer = request[INCOMING];
    request[INCOMING] = this;
  }

  get isObserved(): boolean {
    return this.#end !== undefined;
  }

  /** Lists it until it ends. */
  begin(response: ServerResponse): void {
    this.response = response;
    const outer = this.#outer;
    // One server hands it to another: it is one request.
    if (outer !== undefined) running.remove(outer);
    if (outer === undefined || outer.#isEnded || !outer.isObserved) this.#count(1);
    running.add(this);
    if (response.socket === null) endWithConnection(this, response);
  }

  get category(): RunningCategory {
    return 'request';
  }

  get method(): string {
    return String(this.metricAttributes[ATTR_HTTP_REQUEST_METHOD] ?? OTHER_METHOD);
  }

  get title(): string {
    return this.route === undefined ? this.method : `${this.method} ${this.route}`;
  }

  get attributes(): Attributes {
    const attributes: Attributes = { [ATTR_HTTP_REQUEST_METHOD]: this.method };
    if (this.route !== undefined) attributes[ATTR_HTTP_ROUTE] = this.route;
    return attributes;
  }

  override get isStreaming(): boolean {
    return this.response?.headersSent === true;
  }

  /** Server-sent events are open for as long as the page is. */
  override get isExpected(): boolean {
    return this.isStreaming && String(this.response?.getHeader('content-type')).startsWith('text/event-stream');
  }

  override get ownStep(): string | undefined {
    return this.response === undefined ? undefined : responseStep(this.response);
  }

  /** The response has been sent, or the connection is gone. */
  close(response: ServerResponse): void {
    this.#outer?.close(response);
    const end = this.#take();
    if (end === undefined) return;
    const { span, route } = this;
    const { statusCode, errorType } = outcomeOf(response);
    if (span.isRecording()) {
      end.addResponseHeaders(span, response);
      if (statusCode !== undefined) span.setAttribute(ATTR_HTTP_RESPONSE_STATUS_CODE, statusCode);
      if (route !== undefined) span.setAttribute(ATTR_HTTP_ROUTE, route);
      if (errorType !== undefined) span.setAttribute(ATTR_ERROR_TYPE, errorType).setStatus({ code: SpanStatusCode.ERROR });
      if (route) span.updateName(`${methodInName(this.method)} ${route}`);
    }
    span.end();
    end.measure(this, statusCode, errorType);
  }

  /** The handler has thrown, or the response has failed. */
  fail(error: unknown): void {
    this.#outer?.fail(error);
    const end = this.#take();
    if (end === undefined) return;
    const { span } = this;
    const known = error instanceof Error ? error : new Error(String(error));
    span.setAttribute(ATTR_ERROR_TYPE, known.name);
    span.setStatus({ code: SpanStatusCode.ERROR, message: known.message });
    if (areOnSpans()) span.recordException(known);
    logException(span, EVENT_SERVER_EXCEPTION, { [ATTR_EXCEPTION_TYPE]: known.name });
    span.end();
    end.measure(this, undefined, known.name);
  }

  #take(): RequestEnd | undefined {
    if (this.#isEnded) return undefined;
    this.#isEnded = true;
    this.response = undefined;
    running.remove(this);
    if (this.#isCounted) this.#count(-1);
    this.queue?.delete(this);
    return this.#end;
  }

  #count(change: 1 | -1): void {
    this.#isCounted = change === 1;
    if (this.series !== undefined) this.series.count += change;
  }
}

/** @param request none where a response was made without one, as tests of apps do */
export function incomingOf(request: SeenRequest | undefined | null): IncomingRequest | undefined {
  return request?.[INCOMING];
}
