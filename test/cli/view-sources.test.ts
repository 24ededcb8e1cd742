// What `sietch-otel view` takes beside OTLP over HTTP, and gives to other programs: gRPC, scraped metrics, lines of JSON, files.

import { createServer } from 'node:http';
import { createServer as createSocketServer } from 'node:net';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterEach, expect, test } from 'vitest';
import { Place } from '../now/preloaded.ts';
import { type App, runApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/ports.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = {
  traceId: TRACE_ID,
  spanId: '00f067aa0ba902b7',
  name: 'POST /webhooks',
  startTimeUnixNano: '1000000000',
  endTimeUnixNano: '1012400000',
};

const ends: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()));
});

function view(...args: string[]): App {
  const app = runApp('dist/cli/main.js', { args: ['view', ...args], preload: 'none' });
  ends.push(() => app.stop());
  return app;
}

async function addresses(app: App): Promise<{ http: string; grpc: string }> {
  const [, http = '', grpc = ''] = await app.waitForLine(/^Receiving OTLP on (\S+), page at \S+ {2}\((?:gRPC on (\S+); )?Ctrl/);
  return { http, grpc };
}

async function send(url: string, ...spans: object[]): Promise<void> {
  const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
  const answer = await fetch(`${url}/v1/traces`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  expect(answer.status).toBe(200);
}

test('traces that come over gRPC are printed, and on the page, as those over HTTP', async () => {
  const app = view('--port', '0');
  const { http, grpc } = await addresses(app);
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(new OTLPTraceExporter({ url: grpc }))] });
  provider.getTracer('test').startSpan('over gRPC').end();
  await provider.shutdown();
  await app.waitForLine(/^over gRPC /);
  expect(await (await fetch(`${http}/api/traces`)).json()).toMatchObject({ total: 1, traces: [{ name: 'over gRPC' }] });
  expect(await (await fetch(`${http}/api/status`)).json()).toMatchObject({ http, grpc, redis: false });
});

// GET          client |██████|   upstream
// └─ GET       server | ████ |
test("an app under upstream's SDK is shown beside ours, by gRPC", async () => {
  const app = view('--port', '0');
  const { http, grpc } = await addresses(app);
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: grpc, OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' };
  const upstream = runApp('test/app/upstream-app.cjs', { preload: 'none', env });
  ends.push(() => upstream.stop());
  expect((await upstream.waitForExit()).code).toBe(0);
  await app.waitForLine(/^GET +client +upstream/);
  await app.waitForLine(/GET +server +upstream/);
  expect(await (await fetch(`${http}/api/traces?service=upstream`)).json()).toMatchObject({
    total: 1,
    traces: [{ name: 'GET', services: ['upstream'], spanCount: 2 }],
  });
});

test('a port for gRPC that is taken ends it only when it was asked for; --no-grpc opens none', async () => {
  const server = createSocketServer().listen(0, '127.0.0.1');
  ends.push(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  const port = String(typeof address === 'object' ? address?.port : '');
  const exit = await view('--port', '0', '--grpc-port', port).waitForExit();
  expect(exit).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/is taken: give `--grpc-port` another one, or `--no-grpc` \(EADDRINUSE\)\n$/),
  });
  expect(await addresses(view('--port', '0', '--no-grpc'))).toMatchObject({ grpc: '' });
});

test('--json prints each finished trace as a line, and nothing else', async () => {
  const app = view('--port', '0', '--json');
  const { http } = await addresses(app);
  await send(http, SPAN, { ...SPAN, spanId: '1'.repeat(16), parentSpanId: SPAN.spanId, name: 'line\nend' });
  app.signal('SIGTERM');
  const { stdout } = await app.waitForExit();
  const lines = stdout.trim().split('\n');
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    traceId: TRACE_ID,
    name: 'POST /webhooks',
    durationMs: 12.4,
    spanCount: 2,
    spans: [{ name: 'POST /webhooks', startTimeUnixNano: '1000000000' }, { name: 'line\nend' }],
    logs: [],
  });
});

test('--export prints a trace of a running viewer as OTLP JSON, which it takes again', async () => {
  const { http } = await addresses(view('--port', '0', '--quiet'));
  const { port } = new URL(http);
  await send(http, SPAN);
  const exit = await view('--export', TRACE_ID.toUpperCase(), '--port', port).waitForExit();
  expect(exit).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(exit.stdout)).toMatchObject({
    resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: TRACE_ID, name: 'POST /webhooks' }] }] }],
  });
  expect(await view('--export', '1'.repeat(32), '--port', port).waitForExit()).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('has no trace 1111'),
  });
  expect(await view('--export', TRACE_ID, '--port', String(await freePort())).waitForExit()).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^sietch-otel: no viewer answers on .*ECONNREFUSED/),
  });
  expect(await view('--export', 'abc').waitForExit()).toMatchObject({ code: 2, stderr: expect.stringContaining('32 hexadecimal digits') });
});

test('--scrape reads metrics of an endpoint; one that does not answer is said in the status', async () => {
  const server = createServer((_request, response) =>
    response.end('# TYPE sietch_queue_dlq_depth gauge\nsietch_queue_dlq_depth{messaging_destination_name="mails"} 3\n'),
  );
  server.listen(0, '127.0.0.1');
  ends.push(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/metrics`;
  const { http } = await addresses(view('--port', '0', '--quiet', '--scrape', url, '--scrape', 'http://127.0.0.1:1/metrics'));
  const queues = async () => await (await fetch(`${http}/api/queues`)).json();
  await eventually('the queue is known', async () => JSON.stringify(await queues()).includes('mails'));
  expect(await queues()).toMatchObject({ queues: [{ name: 'mails', deadLetters: 3 }], breakers: [] });
  expect(await (await fetch(`${http}/api/status`)).json()).toMatchObject({ scraped: [{ url }, { error: expect.stringMatching(/./) }] });
  expect(await view('--scrape', 'file:///etc/passwd').waitForExit()).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('`--scrape`'),
  });
});

test('what a preloaded process does at this moment is answered, as `sietch-otel now --json` prints it', async () => {
  const place = new Place();
  ends.push(() => place.clear());
  const { pid } = await place.open(['each']);
  const app = runApp('dist/cli/main.js', { args: ['view', '--port', '0', '--quiet'], preload: 'none', env: place.env });
  ends.push(() => app.stop());
  const { http } = await addresses(app);
  // Processes of other programs on the machine may be among them: the command looks into /tmp, too.
  const { processes }: { processes: { pid: number; state?: object }[] } = JSON.parse(await (await fetch(`${http}/api/now`)).text());
  expect(processes.find((each) => each.pid === pid)).toMatchObject({ state: { pid, uptime: expect.any(Number) } });
});
