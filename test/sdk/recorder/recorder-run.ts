// A flight recorder with our tracer before it and a list of what is exported behind it.
import { type Context, ROOT_CONTEXT, type Span, type SpanContext, SpanKind, TraceFlags, trace } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { type ReadableSpan, type SpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { randomSpanId, randomTraceId } from '../../../src/context/random-id.js';
import { useTraceKeeper } from '../../../src/context/trace-recording.js';
import { FlightRecorder } from '../../../src/sdk/recorder/flight-recorder.js';
import { CompletedSpan, SpanShape } from '../../../src/sdk/trace/completed-span.js';
import { ConstantAttributes } from '../../../src/sdk/trace/constant-attributes.js';
import { createSampler } from '../../../src/sdk/trace/sampler.js';
import { SpanCounts } from '../../../src/sdk/trace/span-counts.js';
import { RecordingTracer } from '../../../src/sdk/trace/tracer.js';
import { giveOwnTracers } from '../../../src/sdk/trace/tracer-provider.js';

const limits = {
  ...{ attributeCountLimit: 128, attributeValueLengthLimit: Number.POSITIVE_INFINITY, eventCountLimit: 128, linkCountLimit: 128 },
  ...{ attributePerEventCountLimit: 128, attributePerLinkCountLimit: 128 },
};
export const DEFAULTS = { on: true, bytes: 16_777_216, spans: 1000, holdMs: 30_000, perMinute: 300, slow: '0' };

export interface RecorderRun {
  readonly recorder: FlightRecorder;
  readonly tracer: RecordingTracer;
  readonly exported: ReadableSpan[];
  /** Names of what was exported, in order. */
  names(): string[];
  start(name: string, parent?: Span | Context, kind?: SpanKind): Span;
  /** A span that is made at its end; false where it cannot be. */
  complete(name: string, parent: Span): boolean;
}

const get = new ConstantAttributes({ 'db.operation.name': 'get' });

export function runRecorder({
  share = 0,
  isFull = () => false,
  ofApp = {},
  ...settings
}: Partial<typeof DEFAULTS> & { share?: number; isFull?: () => boolean; ofApp?: Partial<SpanProcessor> } = {}): RecorderRun {
  const exported: ReadableSpan[] = [];
  const next: SpanProcessor = {
    onStart: () => {},
    onEnd: (span) => void exported.push(span),
    forceFlush: async () => {},
    shutdown: async () => {},
    ...ofApp,
  };
  const recorder = new FlightRecorder({ settings: { ...DEFAULTS, ...settings }, next, isFull });
  useTraceKeeper(recorder);
  const { sampler, rule } = createSampler({ sampler: 'parentbased_traceidratio', samplerArgument: share });
  const provider = new TracerProvider();
  const idGenerator = { generateSpanId: randomSpanId, generateTraceId: randomTraceId };
  const resource = resourceFromAttributes({});
  giveOwnTracers(provider, {
    sampler,
    rule,
    resource,
    limits,
    idGenerator,
    processor: recorder,
    startsAll: false,
    recorder,
    blockedTime: undefined,
    counts: new SpanCounts(),
  });
  const tracer = provider.getTracer('test', '1.2.3');
  if (!(tracer instanceof RecordingTracer)) throw new Error('expected a tracer of ours');
  const shapes = new Map<string, SpanShape>();
  return {
    recorder,
    tracer,
    exported,
    names: () => exported.map(({ name }) => name),
    start: (name, parent, kind = SpanKind.INTERNAL) => tracer.startSpan(name, { kind }, contextOf(parent)),
    complete(name, parent) {
      const shape = shapes.get(name) ?? new SpanShape(name, SpanKind.CLIENT, get);
      shapes.set(name, shape);
      return tracer.complete(shape, parent.spanContext(), Date.now(), 1);
    },
  };
}

/** The context that a message of another process gives. */
export function remote(traceId: string, traceFlags = TraceFlags.NONE): Context {
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId: randomSpanId(), traceFlags, isRemote: true });
}

export function attributesOf(spans: readonly ReadableSpan[], name: string): ReadableSpan['attributes'] {
  return spans.find((span) => span.name === name)?.attributes ?? {};
}

export function isSampled({ traceFlags }: SpanContext): boolean {
  return (traceFlags & TraceFlags.SAMPLED) !== 0;
}

export function isCompleted(span: ReadableSpan): boolean {
  return span instanceof CompletedSpan;
}

function contextOf(parent: Span | Context | undefined): Context {
  if (parent === undefined) return ROOT_CONTEXT;
  return 'spanContext' in parent ? trace.setSpan(ROOT_CONTEXT, parent) : parent;
}
