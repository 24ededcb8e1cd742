// Has the SDK's tracer provider give out our tracers in the place of its own.
import { type TracerProvider as ApiTracerProvider, ProxyTracerProvider, type Tracer, trace } from '@opentelemetry/api';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { readScope, scopeKey } from '../api/instrumentation-scope.js';
import { RecordingTracer, type TracerParts } from './tracer.js';

/** Tracers that are remembered by their scope. */
const MAX_TRACERS = 1_000;

/** To be called before anybody asks for a tracer. Does nothing with a provider that is built otherwise than is known here. */
export function giveOwnTracers(registered: ApiTracerProvider): void {
  const provider = registered instanceof ProxyTracerProvider ? registered.getDelegate() : registered;
  if (!(provider instanceof TracerProvider)) return;
  const parts: unknown = Reflect.get(provider, '_tracerOptions');
  // Who wants the SDK to count its own spans (OTEL_NODE_EXPERIMENTAL_SDK_METRICS) wants the SDK's tracers.
  if (!isTracerParts(parts) || ('meterProvider' in parts && parts.meterProvider instanceof MeterProvider)) return;
  const { resource, sampler, idGenerator, spanLimits: limits, spanProcessor: processor } = parts;
  const tracers = new Map<string, Tracer>();
  provider.getTracer = (name, version, options) => {
    const scope = readScope('TracerProvider.getTracer', name, version, options);
    const key = scopeKey(scope);
    const known = tracers.get(key);
    if (known !== undefined) return known;
    const tracer = new RecordingTracer({ scope, resource, sampler, idGenerator, limits, processor });
    // Past the bound a tracer works all the same, and is forgotten with who asked for it.
    if (tracers.size < MAX_TRACERS) tracers.set(key, tracer);
    return tracer;
  };
}

/** Our own tracer of that scope; undefined while the SDK has not started, or when its tracers are the SDK's. */
export function ownTracer(name: string, version: string): RecordingTracer | undefined {
  const tracer = trace.getTracer(name, version);
  return tracer instanceof RecordingTracer ? tracer : undefined;
}

/** The same, under the SDK's names. */
type SdkTracerParts = Pick<TracerParts, 'resource' | 'sampler' | 'idGenerator'> & {
  readonly spanLimits: TracerParts['limits'];
  readonly spanProcessor: TracerParts['processor'];
};

function isTracerParts(value: unknown): value is SdkTracerParts {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['resource', 'sampler', 'idGenerator', 'spanLimits', 'spanProcessor'].every((part) => typeof Reflect.get(value, part) === 'object')
  );
}
