// The span of each call through a breaker, where SIETCH_OTEL_CIRCUIT_SPANS asks for it.
import { context, type Span, SpanKind, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api';
import type Opossum from 'opossum';
import type { MethodPatches } from '../../observe/method-patches.js';
import { classOf } from './failed-calls.js';
import { ATTR_ERROR_TYPE, ATTR_NAME, spanName } from './names.js';
import type { Breaker } from './opossum.js';
import { observationOf } from './own-listeners.js';

type Call = Opossum['call'];

/**
 * A `call` that does the same inside a span. State and outcome get onto it as onto any active span.
 */
export function traceCalls(call: Call, tracer: () => Tracer, patches: MethodPatches): Call {
  return function tracedCall(this: Breaker, target: unknown, ...args: unknown[]) {
    if (!patches.isOn) return call.call(this, target, ...args);
    const name = observationOf(this)?.stats.name ?? this.name;
    const span = tracer().startSpan(spanName(name), { kind: SpanKind.INTERNAL, attributes: { [ATTR_NAME]: name } });
    try {
      const result = context.with(trace.setSpan(context.active(), span), () => call.call(this, target, ...args));
      endWith(span, result);
      return result;
    } catch (error) {
      end(span, error);
      throw error;
    }
  };
}

/**
 * A breaker that is disabled gives back what the action gave: a thenable of the app may do its work
 * on each `then`, so that is left alone.
 */
function endWith(span: Span, result: unknown): void {
  if (result instanceof Promise) {
    result.then(
      () => span.end(),
      (error: unknown) => end(span, error),
    );
  } else span.end();
}

function end(span: Span, error: unknown): void {
  span.setAttribute(ATTR_ERROR_TYPE, classOf(error));
  span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}
