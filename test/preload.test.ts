// The preload as users meet it: it starts once, says one line, changes nothing of the process, and whatever is wrong, the app serves.
import { createServer } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { diagnostics } from '../src/diagnose/codes.js';
import { type AppOptions, preloadArgs, runApp } from './support/app.ts';
import { type Receiver, spanTree, startReceiver } from './support/otlp.ts';
import { runWebApp } from './support/web-app.ts';

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.close());

const ownLines = (stderr: string) => stderr.split('\n').filter((line) => line.startsWith('[sietch-otel]'));

/** NODE_OPTIONS that preload as `preload` says. */
const nodeOptions = (preload: 'require' | 'both') => preloadArgs({ preload }).join(' ');

test.each<[what: string, options: AppOptions]>([
  ['--require', { preload: 'require' }],
  ['--import', { preload: 'import' }],
  ['both', { preload: 'both' }],
  ['NODE_OPTIONS', { preload: 'none', env: { NODE_OPTIONS: nodeOptions('require') } }],
  ['NODE_OPTIONS and --import', { preload: 'import', env: { NODE_OPTIONS: nodeOptions('both') } }],
])('%s: started once, and one span a request', async (_what, options) => {
  const { app, ask, url } = await runWebApp('test/app/service.mjs', { receiver, ...options });
  const answer = await ask(`/fetch?to=${url}/hello`);
  const spans = await receiver.store.waitForTrace(String(answer.headers['x-trace-id']), (arrived) => arrived.length >= 3);
  const exit = await app.stop();
  // GET          SERVER
  //   GET        CLIENT, the fetch
  //     GET      SERVER
  expect(spanTree(spans)).toMatchObject([
    { name: 'GET', kind: 'SERVER', children: [{ name: 'GET', kind: 'CLIENT', children: [{ name: 'GET', kind: 'SERVER', children: [] }] }] },
  ]);
  expect(ownLines(exit.stderr)).toHaveLength(1);
  expect(exit.code).toBe(0);
});

test('the start-up line', async () => {
  const env = { OTEL_SERVICE_NAME: 'billing', OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer geheim' };
  const { app, ask } = await runWebApp('test/app/service.cjs', { receiver, env });
  await ask('/hello');
  const { stderr } = await app.stop();
  expect(ownLines(stderr)).toEqual([
    expect.stringMatching(
      new RegExp(
        `^\\[sietch-otel\\] \\d+\\.\\d+\\.\\d+ service "billing \\S+": traces to otlp ${receiver.url}, metrics to http://127\\.0\\.0\\.1:\\d+/metrics, logs to off; on: http, pg, postgres, redis, node-redis, queue, circuit, logging, runtime \\(SIETCH_OTEL_BANNER=off hides this line\\)$`,
      ),
    ),
  ]);
  expect(stderr).not.toContain('geheim');
});

test('SIETCH_OTEL_BANNER=off: not a word', async () => {
  const { app, ask } = await runWebApp('test/app/service.cjs', { receiver, env: { SIETCH_OTEL_BANNER: 'off' } });
  await ask('/hello');
  expect((await app.stop()).stderr).toBe('');
});

test('not started again in worker threads and pino transports; a forked child starts its own', async () => {
  const exit = await runApp('test/app/threads.cjs', { receiver, preload: 'both' }).waitForExit();
  const not = { loaded: false, started: false };
  const started = { loaded: true, started: true };
  expect(JSON.parse(exit.stdout)).toEqual({ main: started, worker: not, child: started });
  expect(exit.stderr).toContain('from the transport');
  expect(ownLines(exit.stderr).filter((line) => !line.includes(' service '))).toEqual([]);
  expect(ownLines(exit.stderr)).toHaveLength(2);
});

test.each(['require', 'import', 'both'] as const)(
  'OTEL_SDK_DISABLED=true with --%s: nothing is loaded, nothing is said',
  async (preload) => {
    const exit = await runApp('test/app/environment.cjs', { receiver, preload, env: { OTEL_SDK_DISABLED: 'true' } }).waitForExit();
    expect(JSON.parse(exit.stdout).loaded).toEqual([]);
    expect(exit).toMatchObject({ code: 0, stderr: '' });
  },
);

test('process.env is what it is without the preload', async () => {
  const env = { OTEL_SERVICE_NAME: ' billing ', OTEL_LOG_LEVEL: 'nonsense', OTEL_TRACES_EXPORTER: '', SIETCH_OTEL_BANNER: 'off' };
  const environment = async (preload: 'require' | 'none') => {
    const { env: seen, loaded } = JSON.parse((await runApp('test/app/environment.cjs', { receiver, preload, env }).waitForExit()).stdout);
    delete seen.NODE_CHANNEL_FD;
    return { seen, loaded: loaded.length > 0 };
  };
  const bare = await environment('none');
  const preloaded = await environment('require');
  expect(bare.loaded).toBe(false);
  expect(preloaded.loaded).toBe(true);
  expect(preloaded.seen).toEqual(bare.seen);
});

test('wrong settings: one line each, with what is used instead, and the app serves', async () => {
  const env = {
    SIETCH_OTEL_TRACE_ID_HEADER: 'not a header',
    SIETCH_OTEL_SHUTDOWN_MS: 'soon',
    SIETCH_OTEL_HTTP_MIDDLEWARE_SPANS: 'perhaps',
    SIETCH_OTEL_RUNTIME_PRECISION_MS: '-5',
    SIETCH_OTEL_BANER: 'off',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'carrier-pigeon',
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json',
  };
  const { app, ask } = await runWebApp('test/app/service.cjs', { receiver, env });
  expect(await ask('/hello')).toMatchObject({
    status: 200,
    body: 'hello',
    headers: { 'x-trace-id': expect.stringMatching(/^[\da-f]{32}$/) },
  });
  const lines = ownLines((await app.stop()).stderr).filter((line) => line.includes('SIETCH002'));
  const { what, remedy } = diagnostics().SIETCH002;
  expect(lines.sort()).toEqual(
    [
      'SIETCH_OTEL_TRACE_ID_HEADER: expected a header name, or off, got "not a header"; using x-trace-id',
      'SIETCH_OTEL_SHUTDOWN_MS: expected an integer from 0 to 60000, got "soon"; using 1000',
      'SIETCH_OTEL_HTTP_MIDDLEWARE_SPANS: expected on or off, got "perhaps"; using off',
      'SIETCH_OTEL_RUNTIME_PRECISION_MS: expected an integer from 1 to 1000, got "-5"; using 20',
      'SIETCH_OTEL_BANER: unknown variable, ignored; did you mean SIETCH_OTEL_BANNER?',
      'OTEL_EXPORTER_OTLP_PROTOCOL: expected one of grpc, http/protobuf, http/json, got "carrier-pigeon"; using http/protobuf',
    ]
      .map((problem) => `[sietch-otel] warn SIETCH002 ${what}: ${problem} Remedy: ${remedy}`)
      .sort(),
  );
});

test('the port of the metrics is taken: one line, and the app serves', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => {
    other.listen(0, '127.0.0.1', resolve);
  });
  const address = other.address();
  const port = String(typeof address === 'object' ? address?.port : '');
  const { app, ask } = await runWebApp('test/app/service.cjs', { receiver, env: { OTEL_EXPORTER_PROMETHEUS_PORT: port } });
  const answer = await ask('/hello');
  await app.waitForLine(/\[sietch-otel\] error .*/);
  const exit = await app.stop();
  other.close();
  expect(answer.status).toBe(200);
  expect(ownLines(exit.stderr).filter((line) => line.includes(' error '))).toEqual([
    expect.stringMatching(
      new RegExp(`^\\[sietch-otel\\] error SIETCH020 .*:${port}.*EADDRINUSE.* Remedy: .*OTEL_EXPORTER_PROMETHEUS_PORT`),
    ),
  ]);
  expect(exit.code).toBe(0);
});

test('the collector is away: the app serves and ends', async () => {
  const { app, ask } = await runWebApp('test/app/service.cjs', { receiver: { url: 'http://127.0.0.1:1' } });
  expect((await ask('/hello')).status).toBe(200);
  expect((await app.stop()).code).toBe(0);
});
