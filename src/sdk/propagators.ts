// The propagator: `x-trace-id` besides the formats that OTEL_PROPAGATORS names.
import type { TextMapPropagator } from '@opentelemetry/api';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';

/** Propagators in the order of `names`; formats that few use are loaded when asked for. */
export function createPropagator(names: readonly string[], own: readonly TextMapPropagator[]): TextMapPropagator {
  const named = names.includes('none') ? [] : names.map(createNamed);
  return new CompositePropagator({ propagators: [...named, ...own] });
}

function createNamed(name: string): TextMapPropagator {
  switch (name) {
    case 'baggage':
      return new W3CBaggagePropagator();
    case 'b3':
      return createB3(false);
    case 'b3multi':
      return createB3(true);
    case 'jaeger': {
      const { JaegerPropagator }: typeof import('@opentelemetry/propagator-jaeger') = require('@opentelemetry/propagator-jaeger');
      return new JaegerPropagator();
    }
    default:
      return new W3CTraceContextPropagator();
  }
}

function createB3(multipleHeaders: boolean): TextMapPropagator {
  const { B3InjectEncoding, B3Propagator }: typeof import('@opentelemetry/propagator-b3') = require('@opentelemetry/propagator-b3');
  return new B3Propagator({ injectEncoding: multipleHeaders ? B3InjectEncoding.MULTI_HEADER : B3InjectEncoding.SINGLE_HEADER });
}
