import { request } from 'node:http';
import { hostname } from 'node:os';
import { afterEach, expect, test } from 'vitest';
import { type App, runApp } from '../support/app.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = {
  traceId: TRACE_ID,
  spanId: '00f067aa0ba902b7',
  name: 'POST /webhooks',
  kind: 2,
  startTimeUnixNano: '1000000000',
  endTimeUnixNano: '1012400000',
};
const LOG = { traceId: TRACE_ID, spanId: SPAN.spanId, severityText: 'warn', timeUnixNano: '1001000000', body: { stringValue: 'slow' } };

const apps: App[] = [];
afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.stop()));
});

function view(...args: string[]): App {
  const app = runApp('dist/cli/main.js', { args: ['view', ...args], preload: 'none' });
  apps.push(app);
  return app;
}

async function start(...args: string[]): Promise<{ app: App; url: string }> {
  const app = view('--port', '0', ...args);
  const [, url = ''] = await app.waitForLine(/^Receiving OTLP on (http:\/\/127\.0\.0\.1:\d+), page at \1\/ /);
  return { app, url };
}

async function send(url: string, service: string, span: object, log?: object): Promise<void> {
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: service } }] };
  const post = async (path: string, body: object): Promise<void> => {
    const answer = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(answer.status).toBe(200);
  };
  if (log !== undefined) await post('/v1/logs', { resourceLogs: [{ resource, scopeLogs: [{ logRecords: [log] }] }] });
  await post('/v1/traces', { resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] });
}

test('a trace is printed once it has stopped growing, with its log records', async () => {
  const { app, url } = await start();
  await send(url, 'api', SPAN, LOG);
  await app.waitForLine(/^trace 4bf92f3577b34da6a3ce929d0e0e4736 {2}1 span · 1 service · 12\.4ms$/);
  await app.waitForLine(/^POST \/webhooks +server +api +12\.4ms \|#+\|$/);
  await app.waitForLine(/^ +· \+1\.0ms WARN slow$/);
  expect(app.stdout).not.toContain('\x1b');
});

test('what has not been printed yet is printed at the end, which SIGINT and SIGTERM bring', async () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const { app, url } = await start('--color');
    await send(url, 'api', { ...SPAN, status: { code: 2 } });
    app.signal(signal);
    const exit = await app.waitForExit();
    expect(exit).toMatchObject({ code: 0, signal: null, stderr: '' });
    expect(exit.stdout.replaceAll('\x1b', 'ESC')).toMatch(/^ESC\[31mPOST \/webhooks .* ERRORESC\[0m$/m);
  }
});

test('only what was asked for is printed', async () => {
  const { app, url } = await start('--service', 'worker', '--errors');
  await send(url, 'api', { ...SPAN, name: 'other service', status: { code: 2 } });
  await send(url, 'worker', { ...SPAN, name: 'no error', traceId: '1'.repeat(32) });
  await send(url, 'worker', { ...SPAN, name: 'wanted', traceId: '2'.repeat(32), status: { code: 2 } });
  app.signal('SIGTERM');
  const { stdout } = await app.waitForExit();
  expect(stdout.match(/^(other service|no error|wanted)/gm)).toEqual(['wanted']);
});

test('--quiet prints nothing; the page is there, for names of this machine', async () => {
  const { app, url } = await start('--quiet');
  await send(url, 'api', SPAN);
  expect(await (await fetch(`${url}/traces/${TRACE_ID}`)).text()).toContain('<script type="module"');
  expect(await (await fetch(`${url}/api/traces/${TRACE_ID}`)).text()).toContain('"name":"');
  const status = await new Promise((resolve, reject) => {
    const headers = { host: 'evil.example' };
    request(url, { headers, agent: false }, (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end();
  });
  expect(status).toBe(403);
  app.signal('SIGTERM');
  expect((await app.waitForExit()).stdout).not.toContain('POST');
});

test('a port that is taken is said in one line that names the way out', async () => {
  const { url } = await start();
  const exit = await view('--port', new URL(url).port).waitForExit();
  expect(exit).toMatchObject({ code: 1, stdout: '' });
  expect(exit.stderr).toMatch(
    /^sietch-otel: port \d+ of 127\.0\.0\.1 is taken: .*sietch-otel view --port .*OTEL_EXPORTER_OTLP_ENDPOINT=.* \(EADDRINUSE\)\n$/,
  );
});

test('the built page and its assets are UTF-8 and there', async () => {
  const { url } = await start('--quiet');
  const page = await fetch(url);
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  const assets = [...(await page.text()).matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path = '']) => path);
  expect(assets).toHaveLength(2);
  for (const path of assets) {
    const asset = await fetch(new URL(path, url));
    expect([path, asset.status, asset.headers.get('content-type')]).toEqual([path, 200, expect.stringMatching(/; charset=utf-8$/)]);
  }
});

test('0.0.0.0 answers to addresses and to the name of this machine, to no other name', async () => {
  const app = view('--port', '0', '--host', '0.0.0.0', '--quiet');
  const [, port] = await app.waitForLine(/^Receiving OTLP on http:\/\/0\.0\.0\.0:(\d+)/);
  const statusFor = (host: string): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      request(`http://127.0.0.1:${port}/`, { headers: { host }, agent: false }, (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end();
    });
  expect(await Promise.all(['evil.example', '10.0.0.7', hostname(), '0.0.0.0'].map(statusFor))).toEqual([403, 200, 200, 200]);
});

test('many large attributes do not end it: what is kept is bounded in bytes', async () => {
  const app = runApp('dist/cli/main.js', { args: ['view', '--port', '0'], preload: 'none', nodeArgs: ['--max-old-space-size=96'] });
  apps.push(app);
  const [, url = ''] = await app.waitForLine(/^Receiving OTLP on (\S+),/);
  const text = 'x'.repeat(2_000_000);
  for (let index = 1; index <= 60; index++) {
    const attributes = [{ key: 'text', value: { stringValue: text } }];
    await send(url, 'api', { ...SPAN, traceId: String(index).padStart(32, '0'), attributes });
  }
  const wide = Array.from({ length: 30 }, (_, index) => ({ key: `text ${index}`, value: { stringValue: text.slice(0, 60_000) } }));
  for (let index = 1; index <= 100; index++)
    await send(url, 'api', { ...SPAN, traceId: String(index).padStart(32, 'f'), attributes: wide });
  expect((await fetch(`${url}/?trace=${'40'.padStart(32, 'f')}`)).status).toBe(200);
  app.signal('SIGTERM');
  expect((await app.waitForExit()).code).toBe(0);
}, 120_000);

test('it ends when nobody reads its output any more', async () => {
  const { app, url } = await start();
  app.child.stdout?.destroy();
  await send(url, 'api', SPAN);
  expect(await app.waitForExit()).toMatchObject({ code: 0, stderr: '' });
});

test.each([
  ['badname.invalid', /^sietch-otel: the host name "badname\.invalid" is not known: .* 127\.0\.0\.1 \((ENOTFOUND|EAI_AGAIN)\)\n$/],
  ['192.0.2.1', /^sietch-otel: 192\.0\.2\.1 is not an address of this machine: .*--host.* \(EADDRNOTAVAIL\)\n$/],
])('an address it cannot listen on, %s, is said in words', async (host, message) => {
  const exit = await view('--host', host).waitForExit();
  expect(exit).toMatchObject({ code: 1, stdout: '' });
  expect(exit.stderr).toMatch(message);
});

test.each([
  [['--port', 'many'], 'Expected `--port` to be a number from 0 to 65535, got "many"'],
  [['--port', '65536'], 'got "65536"'],
  [['--nope'], "Unknown option '--nope'"],
  [['extra'], 'Unexpected argument'],
])('%j is a usage error', async (args, message) => {
  const exit = await view(...args).waitForExit();
  expect(exit).toMatchObject({ code: 2, stdout: '' });
  expect(exit.stderr).toContain(message);
});

test('--help', async () => {
  expect(await view('--help').waitForExit()).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^Usage: sietch-otel view/),
    stderr: '',
  });
});
