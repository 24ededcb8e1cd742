// Rows about parts of the SDK that an app gives to start(): processors of spans and log records, metric readers, samplers, views, the resource.
import { beforeAll, expect, test } from 'vitest';
import { type Conformance, named, runConformance } from './conformance-run.ts';

interface Said {
  onStart: [string, string | null][];
  onEnding: string[];
  onEnd: [string, { name: string; version: string }, string][];
  sampled: [string, string | null][];
  exported: string[];
  exporter: string[];
  emitted: string[];
  enabled: number[];
  isEnabled: boolean[];
  logged: [string, string][];
  pointsOfMany: number;
  ids: [string, string][];
  unrecordedIsRecording: boolean;
}

let run: Conformance<Said>;
beforeAll(async () => {
  run = await runConformance<Said>('parts', { preload: 'none', env: { OTEL_LOGS_EXPORTER: 'none' } });
});
const all = (name: string) => run.store.metrics.filter((metric) => metric.name === name);
const one = (name: string) => all(name)[0] ?? expect.fail(`no metric named ${name}`);
const attributesOf = (name: string) => one(name).points.map(({ attributes }) => attributes);

test('SpanProcessor.OnStart receives parent Context', () => expect(run.said.onStart).toContainEqual(['work', 'shop']));
test('SpanProcessor.OnEnding', () => {
  expect(run.said.onEnding).toContain('work');
  expect(named(run, 'work').attributes).toEqual({ 'at the end': true });
});
test('Fetch InstrumentationScope from ReadableSpan', () =>
  expect(run.said.onEnd).toContainEqual(['work', expect.objectContaining({ name: 'parts', version: '1.0.0' }), 'payments']));
test('Allow samplers to modify tracestate', () => expect(named(run, 'work').traceState).toBe('vendor=sampled'));
test('ShouldSample gets full parent Context', () => expect(run.said.sampled).toContainEqual(['work', 'shop']));
test('New Span ID created also for non-recording Spans', () => {
  const [[traceId = '', spanId = ''] = [], [same = '', other = ''] = []] = run.said.ids;
  expect([run.said.unrecordedIsRecording, same, other === spanId]).toEqual([false, traceId, false]);
  expect(other).toMatch(/^[0-9a-f]{16}$/);
});
test('Sampler: AlwaysRecord', () => {
  expect(run.said.onEnd.map(([name]) => name)).toContain('recorded only');
  expect([run.said.exported, run.store.spans.map(({ name }) => name)].flat()).not.toContain('recorded only');
});
test('Exporter interface', () => expect(run.said.exported).toEqual(['work']));
test('Exporter interface has `ForceFlush`', () => expect(run.said.exporter).toContain('forceFlush'));
test('Can plug custom LogRecordProcessor', () => expect(run.said.emitted).toEqual(['order taken']));
test('LogRecordProcessor.Enabled', () => {
  expect(run.said.isEnabled).toEqual([false, true]);
  expect(run.said.enabled).toEqual([5, 9, 5, 9]);
});
test('Can plug custom LogRecordExporter', () => expect(run.said.logged).toEqual([['order taken', 'the processor']]));
test('Create from Attributes', () => expect(named(run, 'work').resource['team']).toBe('payments'));
test('Retrieve attributes', () => expect(run.said.onEnd[0]?.[2]).toBe('payments'));
test('Merge (v2)', () => expect(named(run, 'work').resource).toMatchObject({ team: 'payments', 'telemetry.sdk.language': 'nodejs' }));

test('There is a way to register `View`s with a `MeterProvider`.', () => expect(one('by.the.view').points[0]?.value).toBe(1));
test('The `View` instrument selection criteria is as specified.', () =>
  expect([one('long').description, one('short').description]).toEqual(['By unit and type.', '']));
test('The `View` instrument selection criteria supports wildcards.', () =>
  expect(['wild.one', 'wild.two', 'usual'].map((name) => one(name).description)).toEqual(['By the wildcard.', 'By the wildcard.', '']));
test('The `View` instrument selection criteria supports the match-all wildcard.', () =>
  expect(one('any').description).toBe('By the match-all wildcard.'));
test('The `View` allows configuring the name, description, attributes keys and aggregation of the resulting metric stream.', () =>
  expect([one('by.the.view').description, attributesOf('allowed'), one('summed').type]).toEqual([
    'Said by the view.',
    [{ kept: 1 }],
    'sum',
  ]));
test('The `View` allows configuring excluded attribute keys of resulting metric stream.', () =>
  expect(attributesOf('denied')).toEqual([{ kept: 1 }]));
test('The SDK allows more than one `View` to be specified per instrument.', () =>
  expect([one('twice.a').points.length, one('twice.b').points.length]).toEqual([1, 1]));
test('The `Drop` aggregation is available.', () => expect(all('dropped')).toEqual([]));
test('The `Default` aggregation is available.', () => expect(one('usual').type).toBe('sum'));
test('The `Sum` aggregation is available.', () => expect([one('summed').type, one('summed').points[0]?.value]).toEqual(['sum', 6]));
test('The `LastValue` aggregation is available.', () => expect([one('last').type, one('last').points[0]?.value]).toEqual(['gauge', 3]));
test('The `ExplicitBucketHistogram` aggregation is available.', () => expect(one('explicit').points[0]?.bucketCounts).toEqual([1, 1, 1]));
test('The `ExponentialBucketHistogram` aggregation is available.', () =>
  expect([one('exponential').type, one('exponential').points[0]?.count]).toEqual(['exponentialHistogram', 3]));
test('Metric SDK supports configuring cardinality limit per metric (using Views)', () => {
  expect(one('limited').points).toHaveLength(3);
  expect(attributesOf('limited')).toContainEqual({ 'otel.metric.overflow': true });
});
test('Metric SDK supports configuring cardinality limit at MeterReader level', () => expect(run.said.pointsOfMany).toBe(6));
test('Configuration is managed solely by the `MeterProvider`.', () => expect(all('renamed')).toEqual([]));
