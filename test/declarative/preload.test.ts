// An app under the preload with a configuration file: what the file says is done, what the app sees of its process stays as it is, and a file that
// cannot be used touches nothing.
import { mkdirSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type App, type AppOptions, type Exit, runApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { type Export, lastPoint, type Receiver, startReceiver } from '../support/otlp.ts';
import { freshDatabase, freshRedis } from '../support/servers.ts';
import { ConfigFolder } from './config-folder.ts';

let receiver: Receiver;
let folder: ConfigFolder;
let app: App | undefined;
beforeEach(async () => {
  receiver = await startReceiver();
  folder = new ConfigFolder();
});
afterEach(async () => {
  await app?.stop();
  app = undefined;
  await receiver.close();
  folder.remove();
});

/** A file that sends spans to the receiver. */
function traces(more = ''): string {
  return `file_format: "1.0"
tracer_provider:
  processors: [ batch: { schedule_delay: 20, exporter: { otlp_http: { endpoint: "${receiver.url}/v1/traces" } } } ]
${more}`;
}

async function start(env: AppOptions['env'] = {}): Promise<{ app: App; port: string }> {
  app = runApp('test/app/configured.cjs', { receiver, env: { OTEL_CONFIG_FILE: folder.file, SIETCH_OTEL_CONFIG_POLL_MS: '50', ...env } });
  const [, port = ''] = await app.waitForLine(/listening (\d+)/);
  return { app, port };
}

const get = (port: string, path: string) => fetch(`http://127.0.0.1:${port}${path}`);

/** Requests the path until `isSeen` says so of what has arrived. */
function requestUntil(port: string, path: string, isSeen: () => boolean): Promise<true> {
  return eventually(`requests to ${path}`, async () => {
    await get(port, path);
    return isSeen();
  });
}

const linesOf = (exit: Exit) => exit.stderr.split('\n').filter((line) => /SIETCH20\d/.test(line));

test('the file configures the process, and the app finds its environment as it is', async () => {
  const exports: Export[] = [];
  receiver.onExport((received) => void exports.push(received));
  writeFileSync(
    folder.file,
    `${traces(`
resource:
  attributes:
    - { name: service.name, value: "\${NAME:-none}" }
    - { name: shards, value: 3, type: int }
propagator: { composite: [ tracecontext: ] }
meter_provider:
  readers: [ periodic: { interval: 1000, exporter: { otlp_http: { endpoint: "${receiver.url}/v1/metrics" } } } ]
  views:
    - { selector: { instrument_name: app.secret }, stream: { aggregation: { drop: } } }
    - { selector: { instrument_name: app.work }, stream: { name: app.renamed, attribute_keys: { excluded: ["le?t"] } } }
distribution:
  sietch:
    core: { banner: false }
    http: { ignore_paths: [ /healthz ] }
`).replace('/v1/traces"', '/v1/traces", headers: [ { name: authorization, value: "Bearer ${TOKEN}" } ]')}`,
  );
  const { app, port } = await start({
    NAME: 'shop',
    TOKEN: 's3cret,%',
    OTEL_SERVICE_NAME: 'from-environment',
    OTEL_TRACES_SAMPLER: 'always_off',
  });
  await get(port, '/healthz');
  await requestUntil(port, '/orders', () => receiver.store.metrics.some(({ name }) => name === 'app.renamed'));
  const exit = await app.stop();

  const { spans, metrics } = receiver.store;
  expect(spans.map(({ name }) => name)).toEqual(expect.arrayContaining(['GET', 'work']));
  expect(spans.filter(({ attributes }) => attributes['url.path'] === '/healthz')).toEqual([]);
  expect(spans[0]?.resource).toMatchObject({ 'service.name': 'shop', shards: 3 });
  expect(exports.find(({ signal }) => signal === 'traces')?.headers['authorization']).toBe('Bearer s3cret,%');
  expect(exports.map(({ encoding }) => encoding)).not.toContain('json');
  expect(metrics.map(({ name }) => name)).not.toEqual(expect.arrayContaining(['app.secret']));
  expect(lastPoint(metrics, 'app.renamed')?.attributes).toEqual({ kept: 'yes' });

  const [, environment = ''] = /^environment (.*)$/m.exec(exit.stdout) ?? [];
  expect(JSON.parse(environment)).toMatchObject({ OTEL_SERVICE_NAME: 'from-environment', OTEL_TRACES_SAMPLER: 'always_off' });
  expect(environment).not.toMatch(/s3cret|HEADERS|OTEL_PROPAGATORS/);
  const lines = linesOf(exit);
  expect(lines).toEqual([expect.stringMatching(/SIETCH202 .*otel\.yaml overrides .*OTEL_SERVICE_NAME.*OTEL_TRACES_SAMPLER/)]);
  expect(exit.stderr).not.toContain('s3cret');
});

test('a sampler that no variable can name', async () => {
  writeFileSync(
    folder.file,
    traces('propagator: { composite: [ tracecontext: ] }\n').replace(
      'tracer_provider:',
      'tracer_provider:\n  sampler: { parent_based: { root: { always_on: }, remote_parent_sampled: { always_off: } } }',
    ),
  );
  const { port } = await start();
  const headers = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
  await fetch(`http://127.0.0.1:${port}/called`, { headers });
  await requestUntil(port, '/own', () => receiver.store.spans.length > 0);
  expect(receiver.store.spans.map(({ traceId }) => traceId)).not.toContain('0af7651916cd43dd8448eb211c80319c');
});

test.for(['rename', 'swap'] as const)('a changed file is taken over by %s, and what needs a restart is named', async (change) => {
  const file = (path: string, ratio: number, limit: number) =>
    traces(
      `distribution: { sietch: { http: { ignore_paths: [ ${path} ] } } }\nattribute_limits: { attribute_count_limit: ${limit} }\n`,
    ).replace('tracer_provider:', `tracer_provider:\n  sampler: { trace_id_ratio_based: { ratio: ${ratio} } }`);
  const seen = (path: string) => receiver.store.spans.some(({ attributes }) => attributes['url.path'] === path);
  folder[change](file('/first', 0, 10));
  const { app, port } = await start();
  await get(port, '/never');

  folder[change](file('/second', 1, 20));
  await app.waitForLine(/SIETCH203 .*change 1: tracer_provider\.sampler \(OTEL_TRACES_SAMPLER_ARG\): 0 -> 1/);
  await app.waitForLine(
    /SIETCH203 .*change 1: distribution\.sietch\.http\.ignore_paths \(SIETCH_OTEL_HTTP_IGNORE_PATHS\): \/first -> \/second/,
  );
  await app.waitForLine(/SIETCH204 .*change 1: attribute_limits\.attribute_count_limit \(OTEL_ATTRIBUTE_COUNT_LIMIT\)/);
  await requestUntil(port, '/first', () => seen('/first'));
  await get(port, '/second');

  folder[change](file('/third', 1, 20));
  await app.waitForLine(/change 2: distribution\.sietch\.http\.ignore_paths .*: \/second -> \/third/);
  await requestUntil(port, '/last', () => seen('/last'));
  expect([seen('/never'), seen('/second')]).toEqual([false, false]);
});

test('a process that samples a share goes to nothing and to all, and needs a restart for another kind of sampler', async () => {
  const file = (sampler: string) => traces().replace('tracer_provider:', `tracer_provider:\n  sampler: { ${sampler} }`);
  const seen = (path: string) => receiver.store.spans.some(({ attributes }) => attributes['url.path'] === path);
  folder.rename(file('parent_based: { root: { trace_id_ratio_based: { ratio: 1 } } }'));
  const { app, port } = await start();
  await requestUntil(port, '/first', () => seen('/first'));
  folder.rename(file('parent_based: { root: { always_off: } }'));
  await app.waitForLine(/SIETCH203 .*OTEL_TRACES_SAMPLER_ARG\): 1 -> 0/);
  await get(port, '/second');
  folder.rename(file('always_on:'));
  await app.waitForLine(/SIETCH204 .*change 2: tracer_provider\.sampler \(OTEL_TRACES_SAMPLER\)/);
  await get(port, '/third');
  folder.rename(file('parent_based: { root: { always_on: } }'));
  await app.waitForLine(/SIETCH203 .*change 3: .*OTEL_TRACES_SAMPLER_ARG\)/);
  await requestUntil(port, '/last', () => seen('/last'));
  expect([seen('/second'), seen('/third')]).toEqual([false, false]);
});

test('the level of diagnostics changes', async () => {
  const file = (level: string) => traces(`log_level: ${level}\nresource: { attributes_list: "${level}=1" }\n`);
  folder.rename(file('fatal'));
  const { app, port } = await start();
  await get(port, '/');
  expect(app.stderr).not.toMatch(/SIETCH20|a request/);
  folder.rename(file('debug'));
  await app.waitForLine(/SIETCH203 .*log_level \(OTEL_LOG_LEVEL\): none -> debug/);
  await requestUntil(port, '/', () => /\[sietch-otel\] debug a request/.test(app.stderr));
});

test('the thresholds of slow statements and commands change, and the command log', async () => {
  const file = (ms: number, log: string) =>
    traces(`distribution: { sietch: { pg: { slow_query_ms: ${ms} }, redis: { slow_ms: ${ms}, command_log: ${log} } } }\n`);
  folder.rename(file(60_000, 'off'));
  const [database, redis] = await Promise.all([freshDatabase(), freshRedis()]);
  const { app, port } = await start({ DATABASE_URL: database, REDIS_URL: redis });
  await requestUntil(port, '/', () => receiver.store.spans.some(({ name }) => name === 'eval'));
  const events = () => [...app.stderr.matchAll(/"sietch\.(pg\.slow_query|redis\.slow_command|redis\.command)"/g)].map(([, name]) => name);
  expect(events()).toEqual([]);

  folder.rename(file(10, 'on'));
  await app.waitForLine(/SIETCH203 .*\(SIETCH_OTEL_PG_SLOW_QUERY_MS\): 60000 -> 10/);
  await app.waitForLine(/SIETCH203 .*\(SIETCH_OTEL_REDIS_SLOW_MS\): 60000 -> 10/);
  await app.waitForLine(/SIETCH203 .*\(SIETCH_OTEL_REDIS_COMMAND_LOG\): off -> on/);
  await requestUntil(port, '/', () => new Set(events()).size === 3);

  folder.rename(file(0, 'off'));
  await app.waitForLine(/SIETCH203 .*\(SIETCH_OTEL_REDIS_COMMAND_LOG\): on -> off/);
  const before = events().length;
  for (let requests = 0; requests < 3; requests++) await get(port, '/');
  await app.stop();
  expect(events()).toHaveLength(before);
});

test('a broken file changes nothing, and is read again once it is mended', async () => {
  const file = (path: string) => traces(`distribution: { sietch: { http: { ignore_paths: [ ${path} ] } } }\n`);
  folder.rename(file('/first'));
  const { app, port } = await start();
  folder.rename(`${file('/second')}\nbroken: [ secret`);
  await app.waitForLine(/SIETCH205 .*change 1: \d+:\d+ no valid YAML: (?!.*secret)/);
  await get(port, '/first');
  await requestUntil(port, '/second', () => receiver.store.spans.some(({ attributes }) => attributes['url.path'] === '/second'));
  expect(receiver.store.spans.some(({ attributes }) => attributes['url.path'] === '/first')).toBe(false);
  folder.rename(file('/third'));
  await app.waitForLine(/SIETCH203 .*change 2: .*: \/first -> \/third/);
});

test('the watch keeps no process alive', async () => {
  writeFileSync(folder.file, 'file_format: "1.0"\n');
  const env = { OTEL_CONFIG_FILE: folder.file, SIETCH_OTEL_CONFIG_POLL_MS: '10' };
  const exit = await runApp('test/app/configured.cjs', { args: ['idle'], env }).waitForExit();
  expect([exit.code, linesOf(exit).filter((line) => !line.includes('SIETCH202'))]).toEqual([0, []]);
});

test.for([
  ['is not there', () => {}, /it cannot be read \(ENOENT\)/],
  ['is a folder', () => mkdirSync(folder.file), /is no file/],
  ['is a pipe that nobody writes into', () => folder.pipe(), /is no file/],
  ['is too long', () => writeFileSync(folder.file, `file_format: "1.0"\n#${'x'.repeat(70_000)}`), /has more than 65536 bytes/],
  ['is no YAML', () => writeFileSync(folder.file, 'a: [secret'), /no valid YAML/],
  ['is of another format', () => writeFileSync(folder.file, 'file_format: "0.3"'), /file_format: expected "1.0" or "1.1", got "0.3"/],
] as const)('a file that %s: one line, and the app runs unobserved', async ([, make, reason]) => {
  make();
  const { app, port } = await start();
  await get(port, '/');
  const exit = await app.stop();
  expect(linesOf(exit)).toEqual([
    expect.stringMatching(/^\[sietch-otel\] error SIETCH200 the configuration file cannot be used: nothing is started/),
  ]);
  expect(exit.stderr).toMatch(reason);
  expect(exit.stderr).not.toContain('secret');
  expect(receiver.store.spans).toEqual([]);
});

test('the deprecated name is understood, and named', async () => {
  writeFileSync(folder.file, traces());
  const { app, port } = await start({ OTEL_CONFIG_FILE: undefined, OTEL_EXPERIMENTAL_CONFIG_FILE: folder.file });
  await requestUntil(port, '/', () => receiver.store.spans.length > 0);
  expect(app.stderr).toMatch(/SIETCH002 .*OTEL_EXPERIMENTAL_CONFIG_FILE: the name is deprecated; use OTEL_CONFIG_FILE/);
});

test('OTEL_SDK_DISABLED works beside any file', async () => {
  writeFileSync(folder.file, traces('disabled: false\n'));
  const { app, port } = await start({ OTEL_SDK_DISABLED: 'true' });
  await get(port, '/');
  const exit = await app.stop();
  expect([exit.stderr, receiver.store.spans]).toEqual(['', []]);
});

test('nothing that reads files is loaded without the variable', async () => {
  const code = 'console.log(Object.keys(require.cache).filter((file) => file.includes("configuration-file")).length)';
  const loaded = async (env: AppOptions['env']) => {
    writeFileSync(`${folder.path}/app.cjs`, code);
    return (await runApp(`${folder.path}/app.cjs`, { env: { ...env } }).waitForExit()).stdout;
  };
  writeFileSync(folder.file, 'file_format: "1.0"\n');
  expect([await loaded({}), await loaded({ OTEL_CONFIG_FILE: folder.file })]).toEqual(['0\n', '1\n']);
});
