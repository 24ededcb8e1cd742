// Apps that start the distribution in code and give parts of the SDK to start(): these are used, and none of them reaches the app's own run.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ENV } from '../exit/exit-ways.ts';
import { runApp } from '../support/app.ts';
import { startReceiver } from '../support/otlp.ts';
import { type Redis, startRedis } from '../support/redis.ts';

let redis: Redis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

async function run(name: string, env: Readonly<Record<string, string>> = {}) {
  const receiver = await startReceiver();
  const options = { args: [name], preload: 'none', receiver } as const;
  const exit = await runApp('test/app/in-code.cjs', { ...options, env: { ...ENV, REDIS_URL: redis.url, ...env } }).waitForExit();
  await receiver.close();
  expect(exit.code, exit.stderr).toBe(0);
  const { seen, metrics }: { seen: string[]; metrics: string[] | undefined } = JSON.parse(exit.stdout);
  const bodies = receiver.store.logs.map(({ body }) => body);
  return { seen, metrics, bodies, spans: receiver.store.spans, lines: exit.stderr.split('\n').filter(Boolean) };
}

const names = ({ spans }: Awaited<ReturnType<typeof run>>) =>
  spans
    .map(({ name }) => name)
    .filter((name) => name !== 'connect')
    .sort();

test('a processor that exports at the end gets every span, and so does the collector', async () => {
  const result = await run('ending');
  expect(result.seen).toEqual(expect.arrayContaining(['exported get', 'exported work']));
  expect(names(result)).toEqual(expect.arrayContaining(['get', 'work']));
  expect(result.lines).toEqual([]);
});

test('a processor gets every span without an exporter of the distribution', async () => {
  const { seen } = await run('ending', { OTEL_TRACES_EXPORTER: 'none' });
  expect(seen).toEqual(expect.arrayContaining(['exported get', 'exported work']));
});

test('a processor with an onStart of its own sees the start of every span, and what it sets is exported', async () => {
  const { seen, spans } = await run('starting');
  expect(seen).toEqual(expect.arrayContaining(['start work true', 'start get true', 'end get true', 'end work true', 'shutdown']));
  expect(spans.map(({ attributes }) => attributes['seen'])).toEqual(spans.map(() => true));
});

test('a processor that throws is named once, without the message of its error; spans go out', async () => {
  const result = await run('throwing');
  expect(names(result)).toEqual(expect.arrayContaining(['get', 'work']));
  expect(result.lines).toEqual([
    expect.stringMatching(/SIETCH173 a processor or metric reader given to start\(\) throws: onStart\(\) threw Error/),
  ]);
});

test('a processor of log records that throws is named once; the records go to the collector', async () => {
  const { bodies, lines } = await run('throwingLogs', { OTEL_LOGS_EXPORTER: 'otlp' });
  expect(bodies).toEqual(['order taken']);
  expect(lines).toEqual([expect.stringMatching(/SIETCH173 .*: onEmit\(\) threw Error/)]);
});

test('a metric reader that cannot be used is named, and the others go on', async () => {
  const { metrics, lines } = await run('boundReader', { OTEL_METRICS_EXPORTER: 'prometheus', OTEL_EXPORTER_PROMETHEUS_PORT: '0' });
  expect(metrics).toEqual(expect.arrayContaining(['things_total']));
  expect(lines).toEqual([expect.stringMatching(/SIETCH173 .*: setMetricProducer\(\) threw Error/)]);
});

test.for([
  ['off', 'always_on', []],
  ['on', 'always_off', ['get', 'work']],
  ['named', 'always_off', []],
] as const)('the sampler given in code decides in the place of OTEL_TRACES_SAMPLER: %s', async ([name, variable, expected]) => {
  const result = await run(name, { OTEL_TRACES_SAMPLER: variable });
  expect(names(result).filter((span) => span === 'get' || span === 'work')).toEqual(expected);
  expect(result.lines).toEqual([]);
});

test.for([
  ['badSampler', 'threw Error'],
  ['noDecision', 'threw TypeError'],
])('a sampler that is broken (%s): OTEL_TRACES_SAMPLER decides, and one line says so', async ([name = '', what]) => {
  const result = await run(name);
  expect(names(result)).toEqual(expect.arrayContaining(['get', 'work']));
  expect(result.lines).toEqual([expect.stringContaining(`: it ${what}`)]);
});

test('the id generator given in code makes all ids; they are not called random', async () => {
  const { spans, lines } = await run('ids', { OTEL_TRACES_SAMPLER: 'always_on' });
  expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set(['5759e988bd862e3fe1be46a994272793']));
  expect(spans.map(({ spanId }) => spanId)).toEqual(spans.map(() => expect.stringMatching(/^53995c3f42cd\d{4}$/)));
  expect(spans.map(({ flags }) => flags & 0x2)).toEqual(spans.map(() => 0));
  expect(lines).toEqual([]);
});

test('a broken id generator: random ids, and a line', async () => {
  const { spans, lines } = await run('badIds');
  expect(spans.map(({ traceId, spanId }) => `${traceId} ${spanId}`)).toEqual(
    spans.map(() => expect.stringMatching(/^[0-9a-f]{32} [0-9a-f]{16}$/)),
  );
  expect(lines.join('\n')).toMatch(/SIETCH302 .*: it threw/);
});

test('the resource given in code overrides what is detected', async () => {
  const { spans } = await run('resource', { OTEL_SERVICE_NAME: 'from-environment' });
  const [resource] = spans.map((span) => span.resource);
  expect(resource).toMatchObject({ 'service.name': 'from-code', team: 'payments', 'telemetry.distro.name': '@sietch/otel' });
});

test('views given in code are the views of the meter provider', async () => {
  const { metrics } = await run('views', { OTEL_METRICS_EXPORTER: 'prometheus', OTEL_EXPORTER_PROMETHEUS_PORT: '0' });
  expect(metrics).toEqual(['things_total']);
});

test.for([
  ['wrong', ['spanProcessors[0]', 'logRecordProcessors[0]', 'metricReaders[0]', 'views[0]', 'sampler', 'idGenerator', 'resource']],
  ['noLists', ['spanProcessors', 'logRecordProcessors', 'metricReaders', 'idGenerator', 'views', 'resource']],
  ['bombs', ['spanProcessors[0]', 'logRecordProcessors[0]', 'metricReaders[0]', 'views[0]', 'sampler', 'idGenerator', 'resource']],
] as const)('wrong values (%s): a line for each, and the default', async ([name, options]) => {
  const result = await run(name);
  expect(names(result)).toEqual(expect.arrayContaining(['get', 'work']));
  const said = result.lines.map((line) => /SIETCH002 .*start\(\) option (\S+): expected /.exec(line)?.[1] ?? line);
  expect(said.sort()).toEqual([...options].sort());
});
