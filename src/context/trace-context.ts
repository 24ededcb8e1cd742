// TraceContext: what an app needs of OpenTelemetry's context, under one name. It has no state of
// its own, so it agrees with every other user of the API.
import { type Context, context, isSpanContextValid, ROOT_CONTEXT, type SpanContext, TraceFlags, trace } from '@opentelemetry/api';
import { kindOf } from './api-misuse.js';
import { ensureContextManager, hasTracerProvider } from './context-manager.js';
import { correlationIdOf } from './correlation-id.js';
import type { IncomingHeaders } from './headers.js';
import { idGenerator, plannedTraceId, planTraceId } from './id-generator.js';
import { acceptCallerId, extractContext } from './incoming.js';
import { type TraceLogFields, traceLogFields } from './log-fields.js';
import { randomSpanId } from './random-id.js';
import { keepTraceIn } from './trace-recording.js';

/**
 * The trace that code runs in. Works with and without an SDK: without one the ids are random, and
 * nothing is recorded.
 * @example TraceContext.fromHeaders(message.headers).run(() => handle(message)); reply.send({
 * error: 'internal', traceId: TraceContext.current().traceId });
 */
export class TraceContext {
  readonly #context: Context;

  private constructor(ctx: Context) {
    this.#context = ctx;
  }

  /** The active one. Outside of a trace its ids are undefined. */
  static current(): TraceContext {
    return new TraceContext(context.active());
  }

  /** A new trace, for work that no request or message began: a timer, a script. */
  static create(): TraceContext {
    return new TraceContext(rootContext(ROOT_CONTEXT));
  }

  /**
   * The trace that the headers of a request or message continue: of `traceparent`, else with the
   * trace id in `x-trace-id`, else a new one. Values that are no ids are ignored, as are headers
   * that are none.
   */
  static fromHeaders(headers: IncomingHeaders): TraceContext {
    const callerId = acceptCallerId(headers);
    const ctx = extractContext(headers);
    if (validSpanContext(ctx) !== undefined) return new TraceContext(ctx);
    return new TraceContext(rootContext(ctx, callerId.kind === 'trace-id' ? callerId.traceId : undefined));
  }

  /** 32 hex characters. */
  get traceId(): string | undefined {
    return traceIdOf(this.#context);
  }

  /** 16 hex characters; undefined while no span has been started in this trace. */
  get spanId(): string | undefined {
    return validSpanContext(this.#context)?.spanId;
  }

  /** Whether the trace is recorded. */
  get sampled(): boolean {
    const spanContext = validSpanContext(this.#context);
    return spanContext !== undefined && (spanContext.traceFlags & TraceFlags.SAMPLED) !== 0;
  }

  /** The caller's own id, when `x-trace-id` held one that is no trace id. */
  get correlationId(): string | undefined {
    return correlationIdOf(this.#context);
  }

  /**
   * Asks for the whole trace where head sampling has not kept it and the flight recorder is on
   * (`SIETCH_OTEL_RECORDER`): its spans are sent, those of this process that come later too. Does
   * nothing otherwise.
   * @param why goes onto the first span of the trace, at most 200 characters
   * @example if (order.total > 10_000) TraceContext.current().keep('large order');
   */
  keep(why?: string): void {
    keepTraceIn(this.#context, 'app', typeof why === 'string' ? why : undefined);
  }

  /** The fields for a log line, as {@link getTraceLogFields} gives them for the active context. */
  logFields(): TraceLogFields {
    return traceLogFields(this.#context);
  }

  /** Its ids, for JSON and for `console.log`. */
  toJSON(): { traceId?: string; spanId?: string; sampled: boolean; correlationId?: string } {
    const { traceId, spanId, sampled, correlationId } = this;
    return {
      ...(traceId === undefined ? {} : { traceId }),
      ...(spanId === undefined ? {} : { spanId }),
      sampled,
      ...(correlationId === undefined ? {} : { correlationId }),
    };
  }

  /** For `util.inspect`. */
  [Symbol.for('nodejs.util.inspect.custom')](): object {
    return { ...this.toJSON() };
  }

  /**
   * Calls `fn` in this context, which stays active in all that `fn` starts, also after it returned.
   * Gives back what `fn` returns.
   * @throws {TypeError} when `fn` is no function
   */
  run<Result>(fn: () => Result): Result {
    if (typeof fn !== 'function') throw new TypeError(`Expected \`fn\` to be a function, got ${kindOf(fn)}`);
    ensureContextManager();
    return context.with(this.#context, fn);
  }
}

/** The trace id of `ctx`, also of one that waits for its first span. */
export function traceIdOf(ctx: Context): string | undefined {
  return validSpanContext(ctx)?.traceId ?? plannedTraceId(ctx);
}

function validSpanContext(ctx: Context): SpanContext | undefined {
  const spanContext = trace.getSpanContext(ctx);
  return spanContext !== undefined && isSpanContextValid(spanContext) ? spanContext : undefined;
}

/**
 * Under an SDK the trace has its id and waits for its first span: a made-up span id would be a
 * parent that no backend ever sees.
 */
function rootContext(base: Context, given?: string): Context {
  const traceId = given ?? idGenerator.newTraceId();
  const ctx = planTraceId(base, traceId, given === undefined);
  return hasTracerProvider() ? ctx : trace.setSpanContext(ctx, { traceId, spanId: randomSpanId(), traceFlags: TraceFlags.NONE });
}
