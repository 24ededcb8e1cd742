// `sietch-otel view --store`: what was received is there again after a restart.

import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type App, runApp } from '../support/app.ts';
import { nodeBinary } from '../support/node-versions.ts';

let folder: string;
let node: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sietch-view-store-'));
  node = await nodeBinary('24');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const apps: App[] = [];
afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.stop()));
});

function view(file: string, binary?: string): App {
  const args = ['view', '--port', '0', '--quiet', '--store', file];
  const app = runApp('dist/cli/main.js', {
    args,
    preload: 'none',
    ...(binary === undefined ? {} : { node: binary, nodeArgs: ['--no-warnings'] }),
  });
  apps.push(app);
  return app;
}

async function addressOf(app: App): Promise<string> {
  const [, url = ''] = await app.waitForLine(/^Receiving OTLP on (\S+),/);
  return url;
}

async function post(url: string, signal: string, body: object): Promise<void> {
  const answer = await fetch(`${url}/v1/${signal}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(answer.status).toBe(200);
}

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const span = { traceId: TRACE_ID, spanId: '00f067aa0ba902b7', name: 'kept \0', startTimeUnixNano: '1', endTimeUnixNano: '2' };

test.each(['SIGTERM', 'SIGKILL'] as const)('traces, log records and metrics are there again after %s', async (signal) => {
  const file = join(folder, `${signal}.db`);
  const first = view(file, node);
  const url = await addressOf(first);
  await post(url, 'traces', { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
  await post(url, 'logs', { resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: 'hello' }, traceId: TRACE_ID }] }] }] });
  const gauge = { dataPoints: [{ asDouble: 3, timeUnixNano: '20' }] };
  await post(url, 'metrics', { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'depth', gauge }] }] }] });
  // Written within a moment; a kill before that would lose it.
  if (signal === 'SIGKILL') await new Promise((resolve) => setTimeout(resolve, 1_000));
  first.signal(signal);
  await first.waitForExit();
  expect(statSync(file).mode & 0o777).toBe(0o600);

  const again = await addressOf(view(file, node));
  expect(await (await fetch(`${again}/api/traces/${TRACE_ID}`)).json()).toMatchObject({
    spans: [{ name: 'kept \0' }],
    logs: [{ body: 'hello' }],
  });
  expect(await (await fetch(`${again}/api/metrics`)).json()).toMatchObject({ metrics: [{ name: 'depth' }] });
  expect(await (await fetch(`${again}/api/status`)).json()).toMatchObject({ store: file });
});

test('a file of something else is left alone', async () => {
  const file = join(folder, 'notes.txt');
  writeFileSync(file, 'not a database, but long enough to be read as one '.repeat(100));
  const exit = await view(file, node).waitForExit();
  expect(exit).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^sietch-otel: .*notes\.txt.*\n$/) });
  expect(statSync(file).size).toBe(5_000);
});

test('where Node.js has no SQLite, one line says what is needed', async () => {
  const exit = await view(join(folder, 'x.db'), await nodeBinary('20')).waitForExit();
  expect(exit).toMatchObject({ code: 1, stdout: '' });
  expect(exit.stderr).toMatch(/^sietch-otel: `--store` needs the SQLite of Node\.js 22\.13 or later; this is Node\.js 20\.\d+\.\d+\n$/);
});
