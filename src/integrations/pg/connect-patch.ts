// A span for each connection that fails, by setting for each new one. What the connection itself
// does later (notices, notifications, drain) belongs to no request: it runs outside of the trace
// that happened to open the connection.
import { type Context, context, ROOT_CONTEXT, type Span, SpanKind, trace } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { activeContext } from '../../context/index.js';
import type { MethodPatches } from '../../observe/method-patches.js';
import { readError } from '../../observe/postgresql/database-error.js';
import { describeError } from '../../observe/postgresql/span-error.js';
import { epochMillis } from '../../sdk/trace/span-time.js';
import type { ClientTracer } from './client-tracer.js';
import { SPAN_CONNECT } from './names.js';
import type { ClientPrototype, ConnectCallback, PgClient } from './pg-internals.js';

export function patchConnect(patches: MethodPatches, Client: ClientPrototype, tracer: ClientTracer): void {
  patches.replace(Client, '_connect', (original) => observeConnect(original, tracer, patches));
}

function observeConnect(original: ClientPrototype['_connect'], tracer: ClientTracer, patches: MethodPatches): ClientPrototype['_connect'] {
  return function _connect(this: PgClient, callback: ConnectCallback): unknown {
    const caller = activeContext();
    if (!patches.isOn || isTracingSuppressed(caller)) return original.call(this, callback);
    const attempt = new ConnectAttempt(this, caller, tracer);
    const done: ConnectCallback = function (this: unknown, ...results) {
      attempt.end(results[0]);
      return context.with(caller, callback, this, ...results);
    };
    return context.with(attempt.socketContext, original, this, done);
  };
}

class ConnectAttempt {
  readonly #client: PgClient;
  readonly #caller: Context;
  readonly #tracer: ClientTracer;
  readonly #span: Span | undefined;
  readonly #startedAt = performance.now();
  readonly #startMs = epochMillis(this.#startedAt);
  #ended = false;

  constructor(client: PgClient, caller: Context, tracer: ClientTracer) {
    this.#client = client;
    this.#caller = caller;
    this.#tracer = tracer;
    if (tracer.settings.connectSpans && tracer.showsSuccess(caller)) this.#span = this.#startSpan();
  }

  #startSpan(): Span {
    const { attributes } = this.#tracer.targetOf(this.#client);
    const startTime = this.#startMs;
    return this.#tracer.startFailed(SPAN_CONNECT, { kind: SpanKind.CLIENT, attributes, startTime }, this.#caller);
  }

  /**
   * A password function may call other services, which belong to this trace; it is called from the
   * socket's events.
   */
  get socketContext(): Context {
    if (typeof this.#client.password !== 'function') return ROOT_CONTEXT;
    return this.#span === undefined ? this.#caller : trace.setSpan(this.#caller, this.#span);
  }

  end(error: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    const durationMs = performance.now() - this.#startedAt;
    if (error === null || error === undefined) {
      const { poolConnect } = this.#tracer.targetOf(this.#client);
      const { createTime } = this.#tracer.telemetry.instruments();
      poolConnect.of(createTime).record(durationMs / 1000, trace.getSpanContext(this.#caller));
      this.#span?.end(this.#startMs + durationMs);
      return;
    }
    const span = this.#span ?? this.#startSpan();
    const endMs = this.#startMs + durationMs;
    describeError(span, readError(error), endMs);
    span.end(endMs);
  }
}
