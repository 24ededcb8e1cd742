import { resourceFromAttributes } from '@opentelemetry/resources';
import { AggregationType } from '@opentelemetry/sdk-metrics';
import { describe, expect, test } from 'vitest';
import type { DropReason } from '../../src/prometheus/family-groups.js';
import { promtool } from '../support/promtool.ts';
import { needsPrometheus } from '../support/requirements.ts';
import { startCollecting } from './collecting.ts';

const prometheus = await needsPrometheus();

test('every kind of instrument, in the text format', async () => {
  const { meter, write } = startCollecting({ resource: resourceFromAttributes({ 'service.name': 'shop' }) });
  meter.createCounter('orders', { unit: '{order}', description: 'Orders taken.' }).add(2, { country: 'DE' });
  meter.createUpDownCounter('carts').add(-1);
  meter.createGauge('fill', { unit: '1', description: 'How full\nit is.' }).record(0.5);
  meter
    .createHistogram('wait', { unit: 's', description: 'Wait.', advice: { explicitBucketBoundaries: [0.5, 1] } })
    .record(0.7, { lane: 1 });
  meter.createObservableCounter('read', { unit: 'By', description: 'Read.' }).addCallback((result) => result.observe(7));
  expect(await write()).toBe(
    `# TYPE target_info gauge
# HELP target_info Attributes of the resource.
target_info{service_name="shop"} 1
# HELP orders_total Orders taken.
# TYPE orders_total counter
orders_total{country="DE",otel_scope_name="app"} 2
# HELP carts No description.
# TYPE carts gauge
carts{otel_scope_name="app"} -1
# HELP fill_ratio How full\\nit is.
# TYPE fill_ratio gauge
fill_ratio{otel_scope_name="app"} 0.5
# HELP wait_seconds Wait.
# TYPE wait_seconds histogram
wait_seconds_bucket{lane="1",otel_scope_name="app",le="0.5"} 0
wait_seconds_bucket{lane="1",otel_scope_name="app",le="1"} 1
wait_seconds_bucket{lane="1",otel_scope_name="app",le="+Inf"} 1
wait_seconds_sum{lane="1",otel_scope_name="app"} 0.7
wait_seconds_count{lane="1",otel_scope_name="app"} 1
# HELP read_bytes_total Read.
# TYPE read_bytes_total counter
read_bytes_total{otel_scope_name="app"} 7
`,
  );
});

test('OpenMetrics: names of families without _total, units, fractions in bounds, an end', async () => {
  const { meter, write } = startCollecting({ resource: resourceFromAttributes({ 'service.name': 'shop' }) });
  meter.createCounter('orders', { description: 'Orders "taken".' }).add(2);
  meter.createHistogram('wait', { unit: 's', advice: { explicitBucketBoundaries: [1] } }).record(1);
  expect(await write({ format: 'openmetrics' })).toBe(
    `# TYPE target info
# HELP target Attributes of the resource.
target_info{service_name="shop"} 1
# TYPE orders counter
# HELP orders Orders \\"taken\\".
orders_total{otel_scope_name="app"} 2
# TYPE wait_seconds histogram
# UNIT wait_seconds seconds
# HELP wait_seconds No description.
wait_seconds_bucket{otel_scope_name="app",le="1.0"} 1
wait_seconds_bucket{otel_scope_name="app",le="+Inf"} 1
wait_seconds_sum{otel_scope_name="app"} 1
wait_seconds_count{otel_scope_name="app"} 1
# EOF
`,
  );
});

test('nothing to say is a valid answer', async () => {
  const { write } = startCollecting();
  expect(await write()).toBe('');
  expect(await write({ format: 'openmetrics' })).toBe('# EOF\n');
});

test('values that are not finite', async () => {
  const { meter, write } = startCollecting();
  const gauge = meter.createGauge('g');
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e21, 5e-324])
    gauge.record(value, { of: String(value) });
  expect((await write()).match(/(?<=} ).*/g)).toEqual(['NaN', '+Inf', '-Inf', '1e+21', '5e-324']);
});

test('labels: joined when they collide, prefixed when reserved, escaped', async () => {
  const { meter, write } = startCollecting();
  meter.createCounter('c').add(1, {
    'b.x': 'second',
    b_x: 'third',
    'b-x': 'first',
    le: 'mine',
    'otel.scope.name': 'mine',
    list: ['a"', 'b'],
    flag: true,
    text: 'line\n"quoted"\\',
    '': 'no name',
  });
  expect(await write()).toContain(
    'c_total{b_x="first;second;third",flag="true",exported_le="mine",list="[\\"a\\\\\\"\\",\\"b\\"]",exported_otel_scope_name="mine",text="line\\n\\"quoted\\"\\\\",otel_scope_name="app"} 1\n',
  );
});

test('one family of two scopes is written once, with the labels of each', async () => {
  const { provider, write } = startCollecting();
  provider.getMeter('one', '1.0.0', { schemaUrl: 'https://example.com/1' }).createCounter('c', { description: 'C.' }).add(1);
  provider.getMeter('between').createCounter('d').add(1);
  provider.getMeter('two').createCounter('c', { description: 'Other.' }).add(2);
  const text = await write();
  expect(text.match(/# TYPE c_total/g)).toHaveLength(1);
  expect(text).toContain(
    `# HELP c_total C.
# TYPE c_total counter
c_total{otel_scope_name="one",otel_scope_version="1.0.0",otel_scope_schema_url="https://example.com/1"} 1
c_total{otel_scope_name="two"} 2
`,
  );
});

describe('what is left out', () => {
  async function writeWithDrops(collecting: ReturnType<typeof startCollecting>, maxBytes = 1e6) {
    const drops: [DropReason, string][] = [];
    const text = await collecting.write({ maxBytes, onDrop: (reason, name) => drops.push([reason, name]) });
    return { text, drops };
  }

  test('a second type of one name', async () => {
    const collecting = startCollecting();
    collecting.provider.getMeter('one').createCounter('x').add(1);
    collecting.provider.getMeter('two').createHistogram('x').record(1);
    collecting.provider.getMeter('three').createGauge('x.total').record(1);
    const { text, drops } = await writeWithDrops(collecting);
    expect(text.match(/# TYPE .*/g)).toEqual(['# TYPE x_total counter']);
    expect(drops).toEqual([
      ['conflict', 'x'],
      ['conflict', 'x.total'],
    ]);
  });

  test('what the format has no form for', async () => {
    const collecting = startCollecting({ views: [{ instrumentName: 'e', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } }] });
    collecting.meter.createHistogram('e').record(1);
    const { text, drops } = await writeWithDrops(collecting);
    expect([text, drops]).toEqual(['', [['format', 'e']]]);
  });

  test('what comes after the bound of the size, by whole metrics', async () => {
    const collecting = startCollecting();
    for (let index = 0; index < 10; index++) collecting.meter.createCounter(`c${index}`).add(1, { text: 'x'.repeat(1000) });
    const { text, drops } = await writeWithDrops(collecting, 4_000);
    expect(text.match(/# TYPE/g)).toHaveLength(4);
    expect(drops.map(([reason]) => reason)).toEqual(Array(6).fill('size'));
  });
});

test('promtool finds nothing to say about it', prometheus, async () => {
  const { meter, write } = startCollecting({ resource: resourceFromAttributes({ 'service.name': 'shop' }) });
  meter.createCounter('orders', { unit: '{order}', description: 'Orders "taken" \\ so far.\nAll of them.' }).add(2, { country: 'D"E\\\n' });
  meter.createHistogram('http.server.request.duration', { unit: 's', description: 'Duration.' }).record(0.7, { 'http.route': '/a/:id' });
  meter.createUpDownCounter('carts', { description: 'Carts.' }).add(-1);
  meter.createGauge('fill', { unit: '1' }).record(Number.NaN);
  expect(await promtool(['check', 'metrics'], await write())).toEqual({ code: 0, output: '' });
  // It would say something.
  expect(await promtool(['check', 'metrics'], 'c{a="b} 1\n')).toMatchObject({ code: 1 });
});
