import { context, ROOT_CONTEXT, TraceFlags, trace } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { AggregationType } from '@opentelemetry/sdk-metrics';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type MergedProcess, MetricMerge } from '../../src/prometheus/cluster/merge.js';
import { isReport } from '../../src/prometheus/cluster/report.js';
import { ReportWriter } from '../../src/prometheus/cluster/report-writer.js';
import { writeExposition } from '../../src/prometheus/exposition.js';
import { formatOf } from '../../src/prometheus/format.js';
import { HistogramSnapshot } from '../../src/sdk/metrics/histogram-snapshot.js';
import { type Collecting, startCollecting, WRITTEN } from './collecting.ts';
import { seriesOf } from './scraping.ts';

/** A process of its own: what it reports goes through JSON, as it would between processes. */
class Process {
  readonly metrics: Collecting;
  readonly #reports = new ReportWriter();
  readonly #peer: MergedProcess;

  constructor(merge: MetricMerge, label: string, ...options: Parameters<typeof startCollecting>) {
    this.metrics = startCollecting(...options);
    this.#peer = merge.add(label);
  }

  /** Returns the size of the report. */
  async report(): Promise<number> {
    const json = JSON.stringify(this.#reports.write(await this.metrics.collect()));
    const report: unknown = JSON.parse(json);
    if (!isReport(report)) throw new Error('not a report');
    this.#peer.apply(report);
    return json.length;
  }

  end(): void {
    this.#peer.retire();
  }
}

function write(merge: MetricMerge, format: 'text' | 'openmetrics' = 'text'): string {
  return writeExposition(merge.toResourceMetrics(resourceFromAttributes({})), { ...WRITTEN, format: formatOf(format) }).toString();
}

test('values that JSON has no form for arrive', async () => {
  const merge = new MetricMerge();
  const one = new Process(merge, '1');
  const gauge = one.metrics.meter.createGauge('g');
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) gauge.record(value, { of: String(value) });
  await one.report();
  expect(write(merge).match(/(?<=} ).*/g)).toEqual(['NaN', '+Inf', '-Inf']);
});

test('the same attributes in another order are the same series', async () => {
  const merge = new MetricMerge();
  const [one, two] = [new Process(merge, '1'), new Process(merge, '2')];
  one.metrics.meter.createCounter('c').add(1, { a: 1, b: ['x'] });
  two.metrics.meter.createCounter('c').add(2, { b: ['x'], a: 1 });
  await Promise.all([one.report(), two.report()]);
  expect(Object.values(seriesOf(write(merge), 'c_total'))).toEqual([3]);
});

test('what did not change is not told again', async () => {
  const merge = new MetricMerge();
  const one = new Process(merge, '1');
  const counter = one.metrics.meter.createCounter('c');
  const histogram = one.metrics.meter.createHistogram('h');
  for (let index = 0; index < 100; index++) {
    counter.add(1, { index });
    histogram.record(1, { index });
  }
  const whole = await one.report();
  const text = write(merge);
  expect(await one.report()).toBeLessThan(100);
  expect(write(merge)).toBe(text);
  counter.add(1, { index: 5 });
  expect(await one.report()).toBeLessThan(whole / 50);
  expect(seriesOf(write(merge), 'c_total')['index="5",otel_scope_name="app"']).toBe(2);
});

test('the newest exemplar of all processes stands, also of one that has ended', async () => {
  const merge = new MetricMerge();
  const processes = ['1', '2'].map((label) => new Process(merge, label));
  for (const [index, each] of processes.entries()) {
    const spanContext = { traceId: `${index + 1}`.repeat(32), spanId: '1'.repeat(16), traceFlags: TraceFlags.SAMPLED };
    const inSpan = trace.setSpanContext(ROOT_CONTEXT, spanContext);
    each.metrics.meter.createHistogram('h').record(1, {}, inSpan);
    each.metrics.meter.createCounter('c').add(1, {}, inSpan);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(context.active()).toBe(ROOT_CONTEXT);
  for (const each of processes.toReversed()) await each.report();
  processes[1]?.end();
  expect(write(merge, 'openmetrics').match(/(?:h_bucket|c_total).*trace_id="\d/g)).toEqual([
    expect.stringMatching(/^h_bucket.*="2$/),
    expect.stringMatching(/^c_total.*="2$/),
  ]);
});

test('exponential buckets of all processes are added, also of those that have ended, at the scale that holds them', async () => {
  const merge = new MetricMerge();
  const counting = { exemplars: 'trace_based', exponential: true } as const;
  const views = [{ instrumentName: 'viewed', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } as const }];
  const [one, two] = ['1', '2'].map((label) => new Process(merge, label, { views }, undefined, counting)) as [Process, Process];
  for (const name of ['h', 'viewed']) {
    for (const value of [0, 1, 1.1]) one.metrics.meter.createHistogram(name).record(value);
    for (const value of [1, 1000]) two.metrics.meter.createHistogram(name).record(value);
  }
  await Promise.all([one.report(), two.report()]);
  one.end();
  two.metrics.meter.createHistogram('h').record(2);
  await two.report();
  const { metrics = [] } = merge.toResourceMetrics(resourceFromAttributes({})).scopeMetrics[0] ?? {};
  const [h, viewed] = ['h', 'viewed'].map((name) => metrics.find(({ descriptor }) => descriptor.name === name)?.dataPoints[0]?.value);
  expect(h).toMatchObject({ count: 6, exponential: { count: 6, zeroCount: 1, sum: 1005.1 } });
  expect(viewed).toMatchObject({ count: 5, zeroCount: 1, sum: 1003.1 });
  const all = startCollecting({}, undefined, counting);
  for (const value of [0, 1, 1.1, 1, 1000, 2]) all.meter.createHistogram('h').record(value);
  const expected = (await all.collect()).scopeMetrics[0]?.metrics[0]?.dataPoints[0]?.value;
  const bucketsOf = (value: unknown) => (value instanceof HistogramSnapshot ? [value.exponential?.scale, value.exponential?.positive] : []);
  expect(bucketsOf(h)).toEqual(bucketsOf(expected));
  expect(bucketsOf(h)[0]).toBe(3);
});

test('histograms of other buckets are left out, not added to the wrong ones', async () => {
  const merge = new MetricMerge();
  const [one, two] = [new Process(merge, '1'), new Process(merge, '2')];
  one.metrics.meter.createHistogram('h', { advice: { explicitBucketBoundaries: [1] } }).record(1);
  two.metrics.meter.createHistogram('h', { advice: { explicitBucketBoundaries: [2] } }).record(1);
  await one.report();
  await two.report();
  expect(seriesOf(write(merge), 'h_count')).toEqual({ 'otel_scope_name="app"': 1 });
});

test('a report of nonsense is refused or ignored, and nothing else is lost', async () => {
  expect([undefined, null, 1, 'x', {}, { metrics: [] }].map(isReport)).toEqual(Array(6).fill(false));
  const merge = new MetricMerge();
  const one = new Process(merge, '1');
  one.metrics.meter.createCounter('c').add(1);
  await one.report();
  const peer = merge.add('2');
  peer.apply({
    metrics: [],
    series: [{ id: 1, metric: 99, attributes: {} }],
    values: [[1, 5]],
    exponentials: [[9, 0, 0, 0, 1]],
    exemplars: [[7, 0, 'a', 'b', 1, 1]],
  });
  peer.retire();
  expect(seriesOf(write(merge), 'c_total')).toEqual({ 'otel_scope_name="app"': 1 });
});

// Whatever processes come, count, are asked and go: the merged counter never falls, and is the sum of what was told.
test('counters never fall over restarts', async () => {
  const step = fc.oneof(
    fc.record({ slot: fc.nat(2), add: fc.nat(100) }),
    fc.record({ slot: fc.nat(2), ask: fc.constant(true) }),
    fc.record({ slot: fc.nat(2), end: fc.constant(true) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const merge = new MetricMerge();
      const running = new Map<number, { process: Process; told: number; counted: number }>();
      let ended = 0;
      let last = 0;
      for (const each of steps) {
        const at = running.get(each.slot) ?? { process: new Process(merge, String(each.slot)), told: 0, counted: 0 };
        running.set(each.slot, at);
        if ('add' in each) {
          at.process.metrics.meter.createCounter('c').add(each.add);
          at.counted += each.add;
        } else if ('ask' in each) {
          await at.process.report();
          at.told = at.counted;
        } else {
          at.process.end();
          ended += at.told;
          running.delete(each.slot);
        }
        const total = seriesOf(write(merge), 'c_total')['otel_scope_name="app"'] ?? 0;
        expect(total).toBe(ended + [...running.values()].reduce((sum, { told }) => sum + told, 0));
        expect(total).toBeGreaterThanOrEqual(last);
        last = total;
      }
    }),
    { numRuns: 50 },
  );
});
