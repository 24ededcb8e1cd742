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
  return { seen, metrics, spans: receiver.store.spans, lines: exit.stderr.split('\n').filter(Boolean) };
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
  expect(result.lines).toEqual([expect.stringMatching(/SIETCH173 a span processor given to start\(\) throws: onStart\(\) threw Error/)]);
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
  ['wrong', ['spanProcessors[0]', 'views[0]', 'sampler', 'resource']],
  ['noLists', ['spanProcessors', 'views', 'resource']],
  ['bombs', ['spanProcessors[0]', 'views[0]', 'sampler', 'resource']],
] as const)('wrong values (%s): a line for each, and the default', async ([name, options]) => {
  const result = await run(name);
  expect(names(result)).toEqual(expect.arrayContaining(['get', 'work']));
  const said = result.lines.map((line) => /SIETCH002 .*start\(\) option (\S+): expected /.exec(line)?.[1] ?? line);
  expect(said.sort()).toEqual([...options].sort());
});
