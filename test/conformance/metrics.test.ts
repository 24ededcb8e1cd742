// Rows of the section Metrics: instruments, and the push of metrics.
import { beforeAll, expect, test } from 'vitest';
import { lastPoint } from '../support/otlp.ts';
import { type Conformance, runConformance } from './conformance-run.ts';

interface Said {
  span: [string, string];
  apart: string;
}

let run: Conformance<Said>;
beforeAll(async () => {
  run = await runConformance<Said>('metrics');
});
const all = (name: string, scope = 'conformance') =>
  run.store.metrics.filter((metric) => metric.name === name && metric.scope.name === scope);
const one = (name: string, scope = 'conformance') => all(name, scope)[0] ?? expect.fail(`no metric named ${name}`);
const kindOf = (name: string) => [one(name).type, one(name).monotonic];
const valuesOf = (name: string) => all(name).flatMap(({ points }) => points.map(({ value }) => value));

test('The API provides a way to set and get a global default `MeterProvider`.', () => expect(run.store.metrics.length).toBeGreaterThan(5));
test('It is possible to create any number of `MeterProvider`s.', () =>
  expect([run.said.apart, all('apart', 'apart')]).toEqual(['apart', []]));
test('`MeterProvider` provides a way to get a `Meter`.', () => expect(one('counter').scope.name).toBe('conformance'));
test('`get_meter` accepts name, `version` and `schema_url`.', () =>
  expect([one('counter').scope.version, hasSchema()]).toEqual(['1.2.3', true]));
test('The supplied `name`, `version` and `schema_url` arguments passed to the `MeterProvider` are used to create an `InstrumentationScope` instance stored in the `Meter`.', () =>
  expect([one('counter').scope.version, hasSchema()]).toEqual(['1.2.3', true]));
test('SchemaURL in ResourceMetrics and ScopeMetrics', () => expect([one('counter').scope.version, hasSchema()]).toEqual(['1.2.3', true]));
test('Associate `Meter` with `InstrumentationScope`.', () =>
  expect(one('counter').scope).toMatchObject({ name: 'conformance', version: '1.2.3' }));
test('When an invalid `name` is specified a working `Meter` implementation is returned as a fallback.', () =>
  expect(run.store.metrics.map(({ name }) => name)).toContain('of.an.unnamed.meter'));
test('The fallback `Meter` `name` property keeps its original invalid value.', () =>
  expect(run.store.metrics.find(({ name }) => name === 'of.an.unnamed.meter')?.scope.name).toBe(''));

test('`Counter` instrument is supported.', () =>
  expect([kindOf('counter'), valuesOf('counter')]).toEqual([
    ['sum', true],
    [2, 3],
  ]));
test('`AsynchronousCounter` instrument is supported.', () =>
  expect([kindOf('observable.Counter'), valuesOf('observable.Counter')]).toEqual([['sum', true], [5]]));
test('`Histogram` instrument is supported.', () =>
  expect([kindOf('histogram')[0], one('histogram').points[0]?.sum]).toEqual(['histogram', 1.5]));
test('`AsynchronousGauge` instrument is supported.', () =>
  expect([kindOf('observable.Gauge')[0], valuesOf('observable.Gauge')]).toEqual(['gauge', [5]]));
test('`Gauge` instrument is supported.', () => expect([kindOf('gauge')[0], valuesOf('gauge')]).toEqual(['gauge', [4]]));
test('`UpDownCounter` instrument is supported.', () => expect([kindOf('up.down'), valuesOf('up.down')]).toEqual([['sum', false], [-3]]));
test('`AsynchronousUpDownCounter` instrument is supported.', () =>
  expect([kindOf('observable.UpDownCounter'), valuesOf('observable.UpDownCounter')]).toEqual([['sum', false], [5]]));
test('Instruments have `name`', () => expect(one('counter').name).toBe('counter'));
test('Instruments have kind.', () =>
  expect([kindOf('counter'), kindOf('up.down')]).toEqual([
    ['sum', true],
    ['sum', false],
  ]));
test('Instruments have an optional unit of measure.', () => expect([one('counter').unit, one('gauge').unit]).toEqual(['{order}', '']));
test('Instruments have an optional description.', () =>
  expect([one('counter').description, one('gauge').description]).toEqual(['Orders taken.', '']));
test('Duplicate instrument registration name conflicts are resolved by using the first-seen for the stream name.', () => {
  expect([valuesOf('Cased'), all('cASED')]).toEqual([[11], []]);
  expect(run.exit.stderr).toMatch(/SIETCH145 .*differs from that of another in case only/);
});
test('Instrument units conform to the specified syntax.', () =>
  expect(['kilobits', 'kilobytes', 'no.unit'].map((name) => one(name).unit)).toEqual(['kb', 'kB', '']));
test('Metric SDK supports per-timeseries cumulative start timestamps', () => {
  const [of = 0n, later = 0n] = ['DE', 'FR'].map(
    (country) => one('counter').points.find(({ attributes }) => attributes['country'] === country)?.startTimeUnixNano,
  );
  expect(later).toBeGreaterThan(of);
});
test('A valid instrument MUST be created and warning SHOULD be emitted when multiple instruments are registered under the same `Meter` using the same `name`.', () => {
  expect(valuesOf('twice').sort()).toEqual([1, 10]);
  expect(run.exit.stderr).toMatch(/twice/);
});
test('It is possible to register two instruments with same `name` under different `Meter`s.', () =>
  expect([valuesOf('counter'), one('counter', 'another').points[0]?.value]).toEqual([[2, 3], 7]));
test('Instrument names conform to the specified syntax.', () => expect(run.exit.stderr).toContain('Invalid metric name: "0 is no name"'));
test('Instrument descriptions conform to the specified syntax.', () => expect(one('described').description).toBe('Ü'.repeat(1023)));
test('Instrument supports the advisory ExplicitBucketBoundaries parameter.', () =>
  expect(one('histogram').points[0]?.explicitBounds).toEqual([1, 2]));
test('The `Default` aggregation uses the specified aggregation by instrument.', () =>
  expect(['counter', 'up.down', 'gauge', 'histogram.default'].map((name) => one(name).type)).toEqual(['sum', 'sum', 'gauge', 'histogram']));

test('The metrics Reader implementation supports registering metric Exporters', () =>
  expect(run.requests.some(({ signal }) => signal === 'metrics')).toBe(true));
test('The metrics Exporter has access to the aggregated metrics data (aggregated points, not raw measurements).', () =>
  expect(lastPoint(run.store.metrics, 'counter', { country: 'DE' })?.value).toBe(2));
test('The metrics Exporter `export` function receives a batch of metrics.', () =>
  expect(run.requests.filter(({ signal }) => signal === 'metrics').map(({ items }) => items > 5)).toEqual([true]));
test('The metrics Exporter provides a `ForceFlush` function.', () =>
  expect([run.exit.signal, all('counter').length]).toEqual(['SIGKILL', 1]));
test('`MeterProvider` allows a `Resource` to be specified.', () => expect(one('counter').resource).toHaveProperty(['service.name']));
test('A specified `Resource` can be associated with all the produced metrics from any `Meter` from the `MeterProvider`.', () =>
  expect(new Set(run.store.metrics.map(({ resource }) => JSON.stringify(resource))).size).toBe(1));

function hasSchema(): boolean {
  return run.requests.some(({ signal, bytes }) => signal === 'metrics' && bytes.includes('https://example.com/schemas/1'));
}
