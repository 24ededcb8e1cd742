// Names in UTF-8: written as OpenTelemetry has them for scrapers that take them, escaped as others ask, and only where the setting says so.
import { resourceFromAttributes } from '@opentelemetry/resources';
import { afterAll, expect, test } from 'vitest';
import { escapeName } from '../../src/prometheus/escape-name.js';
import { familyNameUtf8 } from '../../src/prometheus/family-name.js';
import { type Escaping, formatOf, type TypeName } from '../../src/prometheus/format.js';
import { runApp } from '../support/app.ts';
import { startCollecting } from './collecting.ts';
import { metricsUrlOf, scrape } from './scraping.ts';

const open: { stop(): Promise<unknown> }[] = [];
afterAll(async () => {
  await Promise.all(open.map((each) => each.stop()));
});

// Cases of github.com/prometheus/common (model/metric_test.go, TestEscapeName).
test.each([
  ['', '', '', ''],
  ['no:escaping_required', 'no:escaping_required', 'no:escaping_required', 'no:escaping_required'],
  ['http.status:sum', 'http_status:sum', 'http_dot_status:sum', 'U__http_2e_status:sum'],
  [
    'mysystem.prod.west.cpu_load',
    'mysystem_prod_west_cpu_load',
    'mysystem_dot_prod_dot_west_dot_cpu__load',
    'U__mysystem_2e_prod_2e_west_2e_cpu__load',
  ],
  ['label with 😱', 'label_with__', 'label__with____', 'U__label_20_with_20__1f631_'],
  ['花火', '__', '____', 'U___82b1__706b_'],
  ['1st', '_st', '__st', 'U___31_st'],
])('%s by underscores, dots and values', (name, underscores, dots, values) => {
  expect(['underscores', 'dots', 'values', 'allow-utf-8'].map((escaping) => escapeName(name, escaping as Escaping))).toEqual([
    underscores,
    dots,
    values,
    name,
  ]);
});

// Cases of github.com/prometheus/otlptranslator (metric_namer_test.go) with UTF-8 allowed and suffixes.
test.each([
  ['http.server.request.duration', 's', 'histogram', 'http.server.request.duration_seconds'],
  ['sietch.queue.jobs', '{job}', 'counter', 'sietch.queue.jobs'],
  ['requests_total', '', 'counter', 'requests'],
  ['memory.usage_bytes', 'By', 'gauge', 'memory.usage_bytes'],
  ['fill', '1', 'gauge', 'fill_ratio'],
  ['io', 'By/s', 'gauge', 'io_bytes_per_second'],
] as const)('%s in "%s", a %s, is %s', (name, unit, type, expected) => {
  expect(familyNameUtf8(name, unit, type)).toBe(expected);
});

async function written(type: TypeName, escaping?: Escaping, translation = 'no_utf8_escaping_with_suffixes' as const): Promise<string[]> {
  const { meter, write } = startCollecting({ resource: resourceFromAttributes({ 'service.name': 'shop' }) });
  meter.createCounter('orders.taken', { unit: '{order}' }).add(2, { 'delivery.land': 'D"E', plain: 'x' });
  meter.createHistogram('wait.time', { unit: 's', advice: { explicitBucketBoundaries: [1] } }).record(1);
  return (await write({ format: formatOf(type, escaping), translation })).split('\n').filter((line) => !line.includes('HELP'));
}

test('OpenMetrics and the text format 1.0.0 with names in quotes', async () => {
  expect(await written('openmetrics', 'allow-utf-8')).toEqual([
    '# TYPE target info',
    'target_info{"service.name"="shop"} 1',
    '# TYPE "orders.taken" counter',
    '{"orders.taken_total","delivery.land"="D\\"E",plain="x",otel_scope_name="app"} 2',
    '# TYPE "wait.time_seconds" histogram',
    '# UNIT "wait.time_seconds" seconds',
    '{"wait.time_seconds_bucket",otel_scope_name="app",le="1.0"} 1',
    '{"wait.time_seconds_bucket",otel_scope_name="app",le="+Inf"} 1',
    '{"wait.time_seconds_sum",otel_scope_name="app"} 1',
    '{"wait.time_seconds_count",otel_scope_name="app"} 1',
    '# EOF',
    '',
  ]);
  expect((await written('text 1.0.0', 'allow-utf-8')).slice(2, 4)).toEqual([
    '# TYPE "orders.taken_total" counter',
    '{"orders.taken_total","delivery.land"="D\\"E",plain="x",otel_scope_name="app"} 2',
  ]);
});

test.each([
  [undefined, 'orders_taken_total{delivery_land="D\\"E",plain="x",otel_scope_name="app"} 2'],
  ['underscores', 'orders_taken_total{delivery_land="D\\"E",plain="x",otel_scope_name="app"} 2'],
  ['dots', 'orders_dot_taken__total{delivery_dot_land="D\\"E",plain="x",otel_scope_name="app"} 2'],
  ['values', 'U__orders_2e_taken__total{U__delivery_2e_land="D\\"E",plain="x",otel_scope_name="app"} 2'],
] as const)('escaping=%s', async (escaping, expected) => {
  expect(await written('text', escaping)).toContain(expected);
});

test('without the setting names have underscores, whatever a scraper takes', async () => {
  const { meter, write } = startCollecting();
  meter.createCounter('orders.taken').add(1, { 'delivery.land': 'DE' });
  for (const escaping of ['allow-utf-8', 'underscores', 'dots', 'values'] as const)
    expect(await write({ format: formatOf('openmetrics', escaping) })).toContain('\norders_taken_total{delivery_land="DE",');
});

test('an app with the setting answers each scraper in its own way', async () => {
  const app = runApp('test/app/native-histogram.cjs', { env: { SIETCH_OTEL_PROMETHEUS_TRANSLATION: 'no_utf8_escaping_with_suffixes' } });
  open.push(app);
  const url = await metricsUrlOf(app);
  const answer = async (accept: string) => scrape(url, { headers: { accept } });
  const utf8 = await answer('application/openmetrics-text;version=1.0.0;escaping=allow-utf-8');
  expect(utf8.headers['content-type']).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8');
  expect(utf8.text).toContain('\n{"wait.duration_seconds_count",otel_scope_name="app",otel_scope_version="1.2.3"} 1000\n');
  const plain = await answer('text/plain');
  expect(plain.text).toContain('\nwait_duration_seconds_count{otel_scope_name="app",otel_scope_version="1.2.3"} 1000\n');
});
