// A viewer under load and under attack: 100,000 spans while a page listens, and bodies that nobody should send.

import { get } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { type App, runApp } from '../support/app.ts';

const apps: App[] = [];
afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.stop()));
});

/** Its heap is smaller than what is sent would be. */
async function view(...args: string[]): Promise<{ app: App; url: string }> {
  const app = runApp('dist/cli/main.js', {
    args: ['view', '--port', '0', ...args],
    preload: 'none',
    nodeArgs: ['--max-old-space-size=400'],
  });
  apps.push(app);
  const [, url = ''] = await app.waitForLine(/^Receiving OTLP on (\S+),/);
  return { app, url };
}

function post(url: string, path: string, body: string | Buffer, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });
}

const MEGABYTE = 1024 * 1024;
const SPANS_OF_TRACE = 5;
const BATCH = 500;

function batch(first: number): string {
  const spans = Array.from({ length: BATCH }, (_, index) => {
    const number = first + index;
    const traceId = String(Math.floor(number / SPANS_OF_TRACE) + 1).padStart(32, '0');
    const spanId = (number % SPANS_OF_TRACE) + 1;
    const attributes = Array.from({ length: 8 }, (_, at) => ({
      key: `attribute.${at}`,
      value: { stringValue: `value ${number} of ${at}` },
    }));
    return {
      traceId,
      spanId: String(spanId).padStart(16, '0'),
      ...(spanId === 1 ? {} : { parentSpanId: '1'.padStart(16, '0') }),
      name: `operation ${number % 50}`,
      kind: 2,
      startTimeUnixNano: String(1_700_000_000_000_000_000n + BigInt(number) * 1_000_000n),
      endTimeUnixNano: String(1_700_000_000_000_000_000n + BigInt(number) * 1_000_000n + 500_000n),
      attributes,
    };
  });
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'busy' } }] };
  return JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] });
}

interface Listening {
  readonly events: number;
  readonly bytes: number;
  end(): void;
}

/** A client of events; a slow one reads nothing after the head. */
function listen(url: string, isSlow: boolean): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const request = get(`${url}/api/events`, { agent: false }, (response) => {
      const state = { events: 0, bytes: 0, end: () => request.destroy() };
      response.on('error', () => {});
      if (!isSlow)
        response.setEncoding('utf8').on('data', (text: string) => {
          state.bytes += text.length;
          state.events += text.split('event: added').length - 1;
        });
      resolve(state);
    });
    request.on('error', reject);
  });
}

test('100,000 spans at 10,000 a second, with readers that are quick, and that do not read', async () => {
  const { app, url } = await view('--quiet');
  const quick = await listen(url, false);
  const slow = await Promise.all(Array.from({ length: 5 }, () => listen(url, true)));
  const started = performance.now();
  for (let first = 0; first < 100_000; first += BATCH) {
    const due = started + first / 10;
    if (performance.now() < due) await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
    expect((await post(url, '/v1/traces', batch(first))).status).toBe(200);
  }
  const seconds = (performance.now() - started) / 1000;
  const answer: { total: number; totals: { spans: number; droppedSpans: number; bytes: number } } = JSON.parse(
    await (await fetch(`${url}/api/traces?q=value%2099999&limit=10`)).text(),
  );
  expect(answer.total).toBe(1);
  expect(answer.totals.spans + answer.totals.droppedSpans).toBe(100_000);
  expect(answer.totals.bytes).toBeLessThanOrEqual(60 * MEGABYTE);
  // At most four a second, each bounded.
  expect(quick.events).toBeGreaterThan(0);
  expect(quick.events).toBeLessThanOrEqual(4 * seconds + 4);
  quick.end();
  for (const each of slow) each.end();
  app.signal('SIGTERM');
  expect((await app.waitForExit()).code).toBe(0);
}, 180_000);

test('bombs, deep and wide bodies, NUL and nonsense are refused, and it goes on', async () => {
  const { app, url } = await view('--quiet');
  const gzip = { 'content-encoding': 'gzip' };
  const protobuf = { 'content-type': 'application/x-protobuf' };
  const wide = `{"resourceSpans":[${'{},'.repeat(5 * MEGABYTE)}{}]}`;
  const bodies: [string | Buffer, Record<string, string>, number][] = [
    [gzipSync(Buffer.alloc(200 * MEGABYTE, ' ')), gzip, 413],
    [gzipSync(wide), gzip, 400],
    [gzipSync(`${'['.repeat(10 * MEGABYTE)}`), gzip, 400],
    [gzipSync(`{"a":${'{"a":'.repeat(3 * MEGABYTE)}`), gzip, 400],
    [Buffer.alloc(10 * MEGABYTE), {}, 400],
    [gzipSync(Buffer.alloc(19 * MEGABYTE)), { ...gzip, ...protobuf }, 400],
    // As many empty messages as there are places for: two bytes each.
    [gzipSync(Buffer.alloc(19 * MEGABYTE, Buffer.from([0x0a, 0x00]))), { ...gzip, ...protobuf }, 400],
    ['{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"\\u0000"}]}]}]}', {}, 200],
    [Buffer.alloc(30 * MEGABYTE), {}, 413],
  ];
  const all = await Promise.all(
    bodies.map(([body, headers]) =>
      post(url, '/v1/traces', body, headers).then(
        ({ status }) => status,
        () => 'cut',
      ),
    ),
  );
  for (const [index, [, , expected]] of bodies.entries()) expect([expected, 503, 'cut']).toContain(all[index]);
  // One after the other, none is refused for the others.
  for (const [body, headers, expected] of bodies.slice(0, -1)) expect((await post(url, '/v1/traces', body, headers)).status).toBe(expected);
  expect((await post(url, '/v1/traces', batch(0))).status).toBe(200);
  app.signal('SIGTERM');
  expect(await app.waitForExit()).toMatchObject({ code: 0, stderr: '' });
}, 180_000);

test('each trace is printed once, however many come', async () => {
  const { app, url } = await view('--no-color');
  for (let first = 0; first < 20_000; first += BATCH) await post(url, '/v1/traces', batch(first));
  app.signal('SIGTERM');
  const { stdout } = await app.waitForExit();
  // Each trace once: what has been printed is not printed again for what came later.
  expect(stdout.match(/^trace /gm)).toHaveLength(20_000 / SPANS_OF_TRACE);
}, 180_000);
