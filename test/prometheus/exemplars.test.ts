import { context, ROOT_CONTEXT, TraceFlags, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCollecting } from './collecting.ts';

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});
afterAll(() => context.disable());

const OPENMETRICS = { format: 'openmetrics' } as const;

function traceId(digit: string): string {
  return digit.repeat(32);
}

/** A context inside a span of trace `digit`. */
function inSpan(digit: string, traceFlags: number = TraceFlags.SAMPLED) {
  return trace.setSpanContext(ROOT_CONTEXT, { traceId: traceId(digit), spanId: digit.repeat(16), traceFlags });
}

/** `le` and trace id of each exemplar, by the label `of`. */
function exemplars(text: string): string[] {
  return [
    ...text.matchAll(/_bucket\{(?:of="(\w+)",)?.*le="([^"]+)"\} \d+ # \{trace_id="(.)\3*",span_id="\3{16}"\} (\S+) \d+(\.\d+)?$/gm),
  ].map(([, of = '-', le, digit, value]) => `${of} ${le} ${digit} ${value}`);
}

test('each bucket of each series has the last sampled measurement', async () => {
  const { meter, write } = startCollecting();
  const histogram = meter.createHistogram('h', { advice: { explicitBucketBoundaries: [1, 10] } });
  context.with(inSpan('a'), () => histogram.record(1, { of: 'x' }));
  context.with(inSpan('b'), () => histogram.record(0.5, { of: 'x' }));
  context.with(inSpan('c'), () => histogram.record(11, { of: 'x' }));
  context.with(inSpan('d'), () => histogram.record(2, { of: 'y' }));
  context.with(inSpan('e'), () => histogram.record(3));
  const text = await write(OPENMETRICS);
  expect(exemplars(text)).toEqual(['x 1.0 b 0.5', 'x +Inf c 11', 'y 10.0 d 2', '- 10.0 e 3']);
  expect(exemplars(await write(OPENMETRICS)), 'they stay').toEqual(exemplars(text));
  expect(await write(), 'the text format has none').not.toContain('trace_id');
});

test('the context given with a measurement counts, not the active one', async () => {
  const { meter, write } = startCollecting();
  const histogram = meter.createHistogram('h', { advice: { explicitBucketBoundaries: [] } });
  context.with(inSpan('a'), () => histogram.record(1, {}, inSpan('b')));
  expect(exemplars(await write(OPENMETRICS))).toEqual(['- +Inf b 1']);
});

test('no exemplar outside of spans, in spans that are not sampled, and of values that are not counted', async () => {
  const { meter, write } = startCollecting();
  const histogram = meter.createHistogram('h');
  histogram.record(1);
  context.with(inSpan('a', TraceFlags.NONE), () => histogram.record(1));
  context.with(inSpan('b'), () => histogram.record(Number.NaN));
  context.with(inSpan('c'), () => histogram.record(-1));
  expect(await write(OPENMETRICS)).not.toContain('trace_id');
});

/** `of`, trace id and value of each exemplar of counters. */
function counterExemplars(text: string): string[] {
  return [...text.matchAll(/^c_total\{(?:of="(\w+)",)?.*\} \d+ # \{trace_id="(.)\2*",span_id="\2{16}"\} (\S+) \d+(\.\d+)?$/gm)].map(
    ([, of = '-', digit, value]) => `${of} ${digit} ${value}`,
  );
}

test('each series of a counter has one sampled measurement; up-down counters and the text format have none', async () => {
  const { meter, write } = startCollecting();
  const [counter, carts] = [meter.createCounter('c'), meter.createUpDownCounter('u')];
  context.with(inSpan('a'), () => counter.add(1, { of: 'x' }));
  context.with(inSpan('b', TraceFlags.NONE), () => counter.add(2, { of: 'x' }));
  counter.add(3, { of: 'y' });
  counter.add(4, { of: 'z' }, inSpan('c'));
  carts.add(5, {}, inSpan('d'));
  const text = await write({ format: 'openmetrics' });
  expect(counterExemplars(text)).toEqual(['x a 1', 'z c 4']);
  expect(text.match(/trace_id/g)).toHaveLength(2);
  expect(counterExemplars(await write({ format: 'openmetrics' })), 'they stay').toEqual(['x a 1', 'z c 4']);
  expect(await write(), 'the text format has none').not.toContain('trace_id');
});

test('a counter keeps one of the measurements since the last collection, each as likely as the others', async () => {
  const { meter, write } = startCollecting();
  const counter = meter.createCounter('c');
  const kept = { a: 0, b: 0, c: 0, d: 0 };
  for (let round = 0; round < 400; round++) {
    for (const digit of Object.keys(kept)) counter.add(1, {}, inSpan(digit));
    const [exemplar = ''] = counterExemplars(await write({ format: 'openmetrics' }));
    kept[exemplar.split(' ')[1] as keyof typeof kept] += 1;
  }
  // 100 each; a share of less than 50 in 400 has a probability of one in a hundred million.
  expect(Math.min(...Object.values(kept)), JSON.stringify(kept)).toBeGreaterThan(50);
});

test('instruments of one name in two scopes do not mix; the same one created again goes on', async () => {
  const { provider, write } = startCollecting();
  const create = (scope: string) => provider.getMeter(scope).createHistogram('h', { advice: { explicitBucketBoundaries: [] } });
  context.with(inSpan('a'), () => create('one').record(1, { of: 'one' }));
  context.with(inSpan('b'), () => create('two').record(2, { of: 'two' }));
  context.with(inSpan('c'), () => create('two').record(3, { of: 'two' }));
  expect(exemplars(await write(OPENMETRICS))).toEqual(['one +Inf a 1', 'two +Inf c 3']);
});

test('histograms that a view aggregates are left to the SDK, which has no exemplars', async () => {
  const { meter, write } = startCollecting({ views: [{ instrumentName: 'h', aggregation: { type: 4, options: { boundaries: [2] } } }] });
  const histogram = meter.createHistogram('h', { advice: { explicitBucketBoundaries: [1, 3] } });
  context.with(inSpan('b'), () => histogram.record(1.5));
  const text = await write(OPENMETRICS);
  expect(text).toContain('le="2.0"} 1\n');
  expect(exemplars(text)).toEqual([]);
});

test('more series than it keeps cost nothing but their exemplars', async () => {
  const { meter, write } = startCollecting();
  const histogram = meter.createHistogram('h', { advice: { explicitBucketBoundaries: [] } });
  context.with(inSpan('a'), () => {
    for (let index = 0; index < 20_000; index++) histogram.record(1, { of: `s${index}`, list: ['a', String(index)] });
  });
  const kept = exemplars(await write(OPENMETRICS)).length;
  expect(kept).toBeGreaterThan(1_000);
  expect(kept).toBeLessThanOrEqual(2_000);
});

test('seconds without advice get the buckets of semantic conventions, others those of the SDK', async () => {
  const { meter, write } = startCollecting();
  meter.createHistogram('wait', { unit: 's' }).record(0.004);
  meter.createHistogram('size', { unit: 'By' }).record(4);
  const bounds = (text: string, name: string) => [...text.matchAll(new RegExp(`${name}_bucket.*le="(.*?)"`, 'g'))].map(([, le]) => le);
  const text = await write();
  expect(bounds(text, 'wait_seconds').slice(0, 3)).toEqual(['0.005', '0.01', '0.025']);
  expect(bounds(text, 'size_bytes').slice(0, 3)).toEqual(['0', '5', '10']);
});
