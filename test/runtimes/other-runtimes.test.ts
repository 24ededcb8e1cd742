// Bun and Deno: the app runs as it does bare, and one line says what is observed.
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type App, runApp } from '../support/app.ts';
import { ROOT } from '../support/checkout.ts';
import { INSTALLING_MS } from '../support/npm-packages.ts';
import { OTHER_RUNTIMES, type OtherRuntime, otherRuntime } from '../support/other-runtimes.ts';
import { type Receiver, type SpanNode, spanTree, startReceiver } from '../support/otlp.ts';
import { findForTest } from '../support/requirements.ts';
import { freshDatabase, freshRedis } from '../support/servers.ts';
import { ask } from '../support/web-app.ts';

const REGISTER = join(ROOT, 'dist/register.js');
const FLAGS: Readonly<Record<OtherRuntime, (preload: string[]) => string[]>> = {
  bun: (preload) => preload,
  deno: (preload) => ['run', '-A', ...preload],
};

let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

async function start(runtime: OtherRuntime, file: string, preload: string[]): Promise<App> {
  const node = await findForTest(runtime, () => otherRuntime(runtime));
  const env = { DATABASE_URL: await freshDatabase(), REDIS_URL: await freshRedis(), SIETCH_OTEL_BANNER: 'off', NO_COLOR: '1' };
  return runApp(file, { node, nodeArgs: FLAGS[runtime](preload), preload: 'none', receiver, env });
}

/** What can be seen of one request from outside. */
async function serve(runtime: OtherRuntime, file: string, preload: string[] = []) {
  const app = await start(runtime, file, preload);
  const [, port] = await app.waitForLine(/listening on (\d+)/);
  const { status, body, headers } = await ask(`http://127.0.0.1:${port}/orders/17`);
  const { code, signal, stdout, stderr } = await app.stop();
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
  const own = stderr.split('\n').filter((line) => line.startsWith('[sietch-otel]'));
  const others = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('[sietch-otel]'));
  return { outcome: { status, body, code, signal, lines: lines.length, others }, own, lines, traceId: String(headers['x-trace-id']) };
}

const leaf = (name: unknown, kind: SpanNode['kind'], ...children: unknown[]) => ({ name, kind, status: 'UNSET', children });

// GET /orders/:id   SERVER
// ├─ SELECT …       CLIENT
// └─ get            CLIENT
const trace = leaf('GET /orders/:id', 'SERVER', leaf(expect.stringMatching(/^SELECT/), 'CLIENT'), leaf('get', 'CLIENT'));

test('Bun, a CommonJS app: its requests, statements, commands and log lines are one trace', { timeout: INSTALLING_MS }, async () => {
  const bare = await serve('bun', 'test/app/other-runtime.cjs');
  const { outcome, own, lines, traceId } = await serve('bun', 'test/app/other-runtime.cjs', ['--preload', REGISTER]);
  expect(outcome).toEqual(bare.outcome);
  expect(outcome).toMatchObject({ status: 200, body: 'ok', lines: 1 });
  expect(own).toEqual([expect.stringContaining(`warn SIETCH207 Bun is supported in part`)]);
  expect(own[0]).toContain(`: Bun ${OTHER_RUNTIMES.bun.version} Remedy: `);
  expect(spanTree(receiver.store.spans.filter((span) => span.traceId === traceId))).toEqual([trace]);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ trace_id: traceId });
});

test('Bun, an ES module: the app runs as bare, its requests are seen', { timeout: INSTALLING_MS }, async () => {
  const bare = await serve('bun', 'test/app/other-runtime.mjs');
  const { outcome, own, traceId } = await serve('bun', 'test/app/other-runtime.mjs', ['--preload', REGISTER]);
  expect(outcome).toEqual(bare.outcome);
  expect(own).toEqual([expect.stringContaining('warn SIETCH207')]);
  expect(receiver.store.spans.filter((span) => span.traceId === traceId && span.kind === 'SERVER')).toHaveLength(1);
});

test.each(['cjs', 'mjs'])('Deno, .%s: the app runs as bare, nothing is started', { timeout: INSTALLING_MS }, async (extension) => {
  const file = `test/app/other-runtime.${extension}`;
  const bare = await serve('deno', file);
  for (const preload of [
    ['--preload', REGISTER],
    ['--require', REGISTER],
  ]) {
    const { outcome, own } = await serve('deno', file, preload);
    expect(outcome).toEqual(bare.outcome);
    expect(own).toEqual([
      `[sietch-otel] error SIETCH206 Deno is not supported: nothing is observed: Deno ${OTHER_RUNTIMES.deno.version} Remedy: set OTEL_DENO=true, with which Deno sends traces, metrics and log records itself; or run the app by Node.js`,
    ]);
  }
  expect(receiver.store.spans).toEqual([]);
});

test("Deno's own telemetry, which the line names, arrives", { timeout: INSTALLING_MS }, async () => {
  const node = await findForTest('deno', () => otherRuntime('deno'));
  const env = { OTEL_DENO: 'true', OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' };
  const child = runApp('test/app/deno-serve.mjs', { node, nodeArgs: ['run', '-A'], preload: 'none', receiver, env });
  expect(await child.waitForExit()).toMatchObject({ code: 0 });
  expect(receiver.store.spans.map(({ kind }) => kind).sort()).toEqual(['CLIENT', 'SERVER']);
});
