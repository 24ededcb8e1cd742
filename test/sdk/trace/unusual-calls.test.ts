// Spans and tracers where opentelemetry-js' own unit tests look and an ordinary app does not: limits that bite, arguments that are none, and what a sampler
// is asked with.
import { createTraceState, diag, ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api';
import { emptyResource } from '@opentelemetry/resources';
import {
  InMemorySpanExporter,
  RandomIdGenerator,
  type ReadableSpan,
  type Sampler,
  SamplingDecision,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace';
import { afterEach, expect, test, vi } from 'vitest';
import { SpanCounts } from '../../../src/sdk/trace/span-counts.js';
import { RecordingTracer } from '../../../src/sdk/trace/tracer.js';

afterEach(() => {
  vi.restoreAllMocks();
});

function startTracer(sampler: Sampler) {
  const warned: string[] = [];
  vi.spyOn(diag, 'warn').mockImplementation((text) => void warned.push(text));
  const exporter = new InMemorySpanExporter();
  const limits = { attributeValueLengthLimit: 100, attributePerEventCountLimit: 2, attributePerLinkCountLimit: 2 };
  const tracer = new RecordingTracer({
    scope: { name: 'unusual' },
    resource: emptyResource(),
    sampler,
    rule: undefined,
    idGenerator: new RandomIdGenerator(),
    limits: { ...limits, attributeCountLimit: 2, eventCountLimit: 2, linkCountLimit: 2 },
    processor: new SimpleSpanProcessor({ exporter }),
    startsAll: true,
    blockedTime: undefined,
    counts: new SpanCounts(),
  });
  const spans = (): ReadableSpan[] => exporter.getFinishedSpans();
  return { tracer, warned, spans };
}

const all: Sampler = { shouldSample: () => ({ decision: SamplingDecision.RECORD_AND_SAMPLED }), toString: () => 'all' };
const context = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: TraceFlags.SAMPLED };

test('what a span has dropped is one line for each kind, the same for every span', () => {
  const { tracer, warned, spans } = startTracer(all);
  for (const more of [1, 3]) {
    const span = tracer.startSpan('over', {}, ROOT_CONTEXT);
    for (let n = 0; n < 2 + more; n++) span.setAttribute(`a${n}`, n).addEvent('event').addLink({ context });
    span.end();
  }
  const lines = ['attributes', 'events', 'links'].map(
    (kind) => `Dropped ${kind} of a span because OTEL_SPAN_${kind.slice(0, -1).toUpperCase()}_COUNT_LIMIT is reached`,
  );
  expect(warned).toEqual([...lines, ...lines]);
  expect(spans().map(({ droppedAttributesCount }) => droppedAttributesCount)).toEqual([1, 3]);
});

test('the message of a status that is no text is left out, and said', () => {
  const { tracer, warned, spans } = startTracer(all);
  const span = tracer.startSpan('failed', {}, ROOT_CONTEXT);
  span.setStatus(JSON.parse(JSON.stringify({ code: SpanStatusCode.ERROR, message: { secret: 'password' } })));
  span.end();
  expect(spans()[0]?.status).toEqual({ code: SpanStatusCode.ERROR });
  expect(warned).toEqual(["Dropping invalid status.message of type 'object', expected 'string'"]);
});

test('a sampler of the app is asked with legal attributes and links only', () => {
  const asked: unknown[] = [];
  const asking: Sampler = {
    shouldSample: (_context, _traceId, name, kind, attributes, links) => {
      asked.push(name, kind, attributes, links);
      return { decision: SamplingDecision.RECORD_AND_SAMPLED, attributes: { own: true } };
    },
    toString: () => 'asking',
  };
  const { tracer, spans } = startTracer(asking);
  const attributes = JSON.parse('{ "text": "a", "": "no key", "object": {}, "mixed": [0, ""] }');
  tracer.startSpan('asked', { attributes, links: [{ context, attributes }] }, ROOT_CONTEXT).end();
  expect(asked).toEqual(['asked', SpanKind.INTERNAL, { text: 'a' }, [{ context, attributes: { text: 'a' } }]]);
  expect(spans()[0]?.attributes).toEqual({ text: 'a', own: true });
});

test('the trace state of a parent is passed on as it is', () => {
  const { tracer } = startTracer(all);
  const traceState = createTraceState('vendor=1');
  const span = tracer.startSpan('child', {}, trace.setSpanContext(ROOT_CONTEXT, { ...context, traceState }));
  expect(span.spanContext().traceState?.serialize()).toBe('vendor=1');
});
