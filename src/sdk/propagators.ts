// Builds the propagator: `x-trace-id` besides the formats that OTEL_PROPAGATORS names.
import {
  type Context,
  ROOT_CONTEXT,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { CompositePropagator, W3CBaggagePropagator } from '@opentelemetry/core';
import { reportMisuse } from '../context/api-misuse.js';
import { headerValueOf } from '../context/headers.js';
import { TraceContextPropagator } from '../context/trace-context-propagator.js';
import { usableContext } from '../context/usable-context.js';

/** Propagators in the order of `names`; formats that few use are loaded when asked for. */
export function createPropagator(names: readonly string[], own: readonly TextMapPropagator[]): TextMapPropagator {
  const named = names.includes('none') ? [] : names.map(createNamed);
  return new SafePropagator(
    [...named, ...own],
    names.every((name) => READ_BY_FIELDS.has(name)),
  );
}

/** Formats that read nothing but the headers that they name as their fields. Jaeger reads `uberctx-…` too. */
const READ_BY_FIELDS: ReadonlySet<string> = new Set(['tracecontext', 'baggage', 'none']);

/**
 * The composite propagator, without its faults: that one lets some errors of the app's carriers
 * through, and may return what is no context.
 */
class SafePropagator implements TextMapPropagator {
  readonly #composite: CompositePropagator;
  /** All that is read; undefined where that is not known. */
  readonly #fields: readonly string[] | undefined;

  constructor(propagators: TextMapPropagator[], readsFieldsOnly: boolean) {
    this.#composite = new CompositePropagator({ propagators });
    this.#fields = readsFieldsOnly ? this.#composite.fields() : undefined;
  }

  inject(ctx: Context, carrier: unknown, setter: TextMapSetter): void {
    try {
      this.#composite.inject(ctx, carrier, setter);
    } catch {
      reportMisuse('propagation.inject', 'the carrier or its setter throws');
    }
  }

  extract(ctx: Context, carrier: unknown, getter: TextMapGetter): Context {
    const base = usableContext(ctx, ROOT_CONTEXT);
    try {
      // A request that begins a trace carries nothing, and most do.
      if (this.#fields !== undefined && !carries(carrier, this.#fields, getter)) return base;
      return this.#composite.extract(base, carrier, new SafeGetter(getter));
    } catch {
      reportMisuse('propagation.extract', 'the carrier or its getter throws');
      return base;
    }
  }

  fields(): string[] {
    return this.#composite.fields();
  }
}

function carries(carrier: unknown, fields: readonly string[], getter: TextMapGetter): boolean {
  for (const field of fields) if (getter.get(carrier, field) !== undefined) return true;
  return false;
}

/**
 * Gives the propagators texts only. What the app's getter throws goes to the composite propagator,
 * which reports it.
 */
class SafeGetter implements TextMapGetter {
  readonly #getter: TextMapGetter;

  constructor(getter: TextMapGetter) {
    this.#getter = getter;
  }

  get(carrier: unknown, key: string): string | string[] | undefined {
    return headerValueOf(this.#getter.get(carrier, key));
  }

  keys(carrier: unknown): string[] {
    return this.#getter.keys(carrier);
  }
}

function createNamed(name: string): TextMapPropagator {
  switch (name) {
    case 'baggage':
      return new W3CBaggagePropagator();
    case 'b3':
      return createB3(false);
    case 'b3multi':
      return createB3(true);
    case 'jaeger':
      return createJaeger();
    default:
      return new TraceContextPropagator();
  }
}

/** W3C's flag for a random trace id means "debug" there: a trace that is to be kept. */
function createJaeger(): TextMapPropagator {
  const { JaegerPropagator }: typeof import('@opentelemetry/propagator-jaeger') = require('@opentelemetry/propagator-jaeger');
  const jaeger = new JaegerPropagator();
  return {
    inject(ctx, carrier, setter) {
      const spanContext = trace.getSpanContext(ctx);
      const hasOthers = spanContext !== undefined && spanContext.traceFlags > TraceFlags.SAMPLED;
      const traceFlags = (spanContext?.traceFlags ?? 0) & TraceFlags.SAMPLED;
      jaeger.inject(hasOthers ? trace.setSpanContext(ctx, { ...spanContext, traceFlags }) : ctx, carrier, setter);
    },
    extract: (ctx, carrier, getter) => jaeger.extract(ctx, carrier, getter),
    fields: () => jaeger.fields(),
  };
}

function createB3(multipleHeaders: boolean): TextMapPropagator {
  const { B3InjectEncoding, B3Propagator }: typeof import('@opentelemetry/propagator-b3') = require('@opentelemetry/propagator-b3');
  return new B3Propagator({ injectEncoding: multipleHeaders ? B3InjectEncoding.MULTI_HEADER : B3InjectEncoding.SINGLE_HEADER });
}
