// The doctor as people run it: each cause broken on purpose in an app, named with its code, and gone with its remedy.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { runApp } from '../support/app.ts';
import { ROOT } from '../support/checkout.ts';
import { type Receiver, startReceiver } from '../support/otlp.ts';
import { freePort } from '../support/ports.ts';

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.close());

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

type Env = Readonly<Record<string, string>>;

interface Told {
  readonly code: string;
  readonly detail?: string;
  readonly remedy: string;
}

/** What the doctor finds with this command line after `--`. */
async function doctor(command: readonly string[], env: Env = {}): Promise<readonly Told[]> {
  const { stdout } = await run(['--json', '--for', '5', '--', ...command], env);
  return JSON.parse(stdout);
}

function run(args: readonly string[], env: Env = {}) {
  const args0 = ['doctor', ...args];
  const named = { OTEL_SERVICE_NAME: 'shop', OTEL_BSP_SCHEDULE_DELAY: undefined, OTEL_EXPORTER_OTLP_PROTOCOL: undefined };
  return runApp('dist/cli/main.js', { args: args0, preload: 'none', receiver, env: { ...named, ...env } }).waitForExit(30_000);
}

/** A folder with these files, below node_modules too. */
function folder(files: Readonly<Record<string, string>>): string {
  const made = mkdtempSync(join(tmpdir(), 'sietch-otel-doctor-'));
  folders.push(made);
  for (const [name, text] of Object.entries({ 'package.json': '{"name":"shop"}', ...files })) {
    mkdirSync(join(made, name, '..'), { recursive: true });
    writeFileSync(join(made, name), text);
  }
  return made;
}

const codes = (told: readonly Told[]): string[] => told.map(({ code }) => code);
const api = JSON.stringify(join(ROOT, 'node_modules/@opentelemetry/api'));
/** What a healthy app does: something that is traced. */
const WORK = `require(${api}).trace.getTracer('app').startSpan('work').end();\n`;

test('a healthy app', async () => {
  const app = folder({ 'app.cjs': WORK });
  const exit = await run(['--for', '5', '--', 'node', join(app, 'app.cjs')]);
  expect(exit).toMatchObject({ code: 0, stdout: 'Nothing found that keeps telemetry from arriving.\n' });
});

test('for people: code, cause, detail, remedy; exit code 1; what the app prints goes to stderr', async () => {
  const app = folder({ 'app.cjs': `${WORK}console.log('hello'); console.error('there');` });
  const exit = await run(['--for', '5', '--', 'node', join(app, 'app.cjs')], {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await freePort()}`,
  });
  expect(exit.code).toBe(1);
  expect(exit.stdout).toMatch(
    /^SIETCH111 {2}nobody listens where the collector should be\n {11}http:\/\/127\.0\.0\.1:\d+: ECONNREFUSED\n {11}Remedy: start the collector, or correct host and port$/m,
  );
  expect(exit.stdout).not.toMatch(/SIETCH09[0125]/);
  expect(exit.stderr.split('\n').sort().filter(Boolean)).toEqual(['hello', 'there']);
});

test('SIETCH020: the metrics port is taken', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? String(address?.port) : '';
  const app = folder({ 'app.cjs': `${WORK}setTimeout(() => {}, 500);` });
  const told = await doctor(['node', join(app, 'app.cjs')], { OTEL_EXPORTER_PROMETHEUS_PORT: port });
  server.close();
  expect(codes(told)).toEqual(['SIETCH020']);
  expect(codes(await doctor(['node', join(app, 'app.cjs')], { OTEL_EXPORTER_PROMETHEUS_PORT: '0' }))).toEqual([]);
});

test('SIETCH010, SIETCH093, SIETCH094: settings that only show in the app', async () => {
  const app = folder({ 'app.cjs': WORK });
  const env = {
    SIETCH_OTEL_INSTRUMENTATIONS: 'no-such-thing',
    OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'nonsense',
    OTEL_LOGS_EXPORTER: 'otlp',
    OTEL_EXPORTER_OTLP_CERTIFICATE: '/no/such/file',
  };
  expect(codes(await doctor(['node', join(app, 'app.cjs')], env))).toEqual(['SIETCH010', 'SIETCH093', 'SIETCH094']);
});

test('SIETCH097: another major version of the API', async () => {
  const old = {
    'node_modules/@opentelemetry/api/package.json': '{"name":"@opentelemetry/api","version":"0.21.0"}',
    'node_modules/@opentelemetry/api/index.js': '',
  };
  const app = folder({ ...old, 'app.cjs': `require('@opentelemetry/api');${WORK}` });
  const told = await doctor(['node', join(app, 'app.cjs')]);
  expect(codes(told)).toEqual(['SIETCH097']);
  expect(told[0]?.detail).toContain(join(app, 'node_modules/@opentelemetry/api'));
});

test('SIETCH098: a second SDK', async () => {
  const told = await doctor(['node', join(ROOT, 'test/app/api-second-sdk.cjs')]);
  expect(codes(told)).toEqual(['SIETCH098']);
  expect(told[0]?.detail).toMatch(/api-second-sdk\.cjs:\d+/);
});

test('SIETCH099: an APM agent, loaded by the app', async () => {
  const app = folder({ 'node_modules/newrelic/index.js': '', 'app.cjs': `require('newrelic');${WORK}` });
  const told = await doctor(['node', join(app, 'app.cjs')]);
  expect(codes(told)).toEqual(['SIETCH099']);
  expect(told[0]?.detail).toContain('New Relic (newrelic)');
});

test('SIETCH120: loaded before the distribution, and after', async () => {
  const app = folder({ 'early.cjs': `require(${JSON.stringify(join(ROOT, 'node_modules/pino'))})`, 'app.cjs': WORK });
  const told = await doctor(['node', join(app, 'app.cjs')], { NODE_OPTIONS: `--require ${join(app, 'early.cjs')}` });
  expect(codes(told)).toEqual(['SIETCH120']);
  expect(told[0]?.detail).toMatch(/^pino was loaded before this distribution, by \S+early\.cjs/);
});

test('SIETCH130: a version that is not supported', async () => {
  const pg = { 'node_modules/pg/package.json': '{"name":"pg","version":"7.18.2"}', 'node_modules/pg/index.js': '' };
  const app = folder({ ...pg, 'app.cjs': `require('pg');${WORK}` });
  expect(await doctor(['node', join(app, 'app.cjs')])).toMatchObject([{ code: 'SIETCH130', detail: 'pg 7.18.2' }]);
});

test('SIETCH131: a bundle, and with the libraries left outside', async () => {
  const app = folder({ 'app.cjs': `require('pino');${WORK}` });
  const bundle = (external: string[]) =>
    build({
      entryPoints: [join(app, 'app.cjs')],
      outfile: join(app, 'bundle.cjs'),
      bundle: true,
      platform: 'node',
      nodePaths: [join(ROOT, 'node_modules')],
      external,
    });
  await bundle([join(ROOT, 'node_modules/@opentelemetry/api')]);
  const told = await doctor(['node', join(app, 'bundle.cjs')]);
  expect(codes(told)).toEqual(['SIETCH131']);
  expect(told[0]?.detail).toMatch(/bundle\.cjs looks made by esbuild, with pino inside/);
});

test('SIETCH132: nothing was made', async () => {
  const app = folder({ 'app.cjs': '', 'work.cjs': WORK });
  expect(codes(await doctor(['node', join(app, 'app.cjs')]))).toEqual(['SIETCH132']);
  expect(codes(await doctor(['node', join(app, 'work.cjs')]))).toEqual([]);
});

test('SIETCH133: worker threads, and with them observed', async () => {
  const app = folder({ 'app.cjs': `${WORK}new (require('node:worker_threads').Worker)('', { eval: true });` });
  expect(codes(await doctor(['node', join(app, 'app.cjs')]))).toEqual(['SIETCH133']);
  expect(codes(await doctor(['node', join(app, 'app.cjs')], { SIETCH_OTEL_WORKER_THREADS: 'on' }))).toEqual([]);
});

test('SIETCH134: the preload does not get through', async () => {
  const app = folder({ 'app.cjs': WORK });
  expect(codes(await doctor(['env', '-u', 'NODE_OPTIONS', 'node', join(app, 'app.cjs')]))).toEqual(['SIETCH134']);
});

test('SIETCH135: the app ends by itself', async () => {
  const app = folder({ 'app.cjs': `${WORK}process.exit(9);` });
  expect(await doctor(['node', join(app, 'app.cjs')])).toMatchObject([{ code: 'SIETCH135', detail: 'exit code 9' }]);
});

test('SIETCH136: an ES module without the hook, and with it', async () => {
  const app = folder({ 'app.mjs': `import ${api.replace(/"$/, '/build/src/index.js"')}; import './work.cjs';`, 'work.cjs': WORK });
  expect(codes(await doctor(['node', join(app, 'app.mjs')], { SIETCH_OTEL_ESM_HOOK: 'off' }))).toEqual(['SIETCH136']);
  expect(codes(await doctor(['node', join(app, 'app.mjs')]))).toEqual([]);
});

test('SIETCH138: a command that does not exist', async () => {
  expect(codes(await doctor(['no-such-command']))).toEqual(['SIETCH138']);
});

test('without a command: environment and collector', async () => {
  const told: readonly Told[] = JSON.parse((await run(['--json'], { OTEL_SDK_DISABLED: 'true' })).stdout);
  expect(codes(told)).toEqual(['SIETCH100']);
});

test('a server that goes on is watched and then ended', async () => {
  const app = folder({
    'app.cjs': `${WORK}setInterval(() => {}, 1000); process.on('SIGTERM', () => { console.log('drained'); process.exit(0); });`,
  });
  const exit = await run(['--for', '2', '--', 'node', join(app, 'app.cjs')]);
  expect(exit).toMatchObject({ code: 0, stderr: 'drained\n' });
});

test.for([[['--for', 'ever']], [['--frobnicate']], [['--for', '0']]])('%o is a usage error', async ([args = []]) => {
  expect(await run(args)).toMatchObject({ code: 2, stdout: '' });
});

test('in the process itself, when nothing has arrived after a while', async () => {
  const app = folder({ 'app.cjs': `${WORK}setTimeout(() => {}, 1500);` });
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: `${receiver.url}/v1/traces`, SIETCH_OTEL_DIAGNOSE_AFTER_MS: '400', OTEL_SERVICE_NAME: 'shop' };
  const { stderr } = await runApp(join(app, 'app.cjs'), { receiver, env }).waitForExit();
  expect(stderr).toMatch(
    /warn SIETCH116 the collector does not know the path: HTTP 404 from http:\/\/127\.0\.0\.1:\d+\/v1\/traces\/v1\/traces Remedy: /,
  );
  const healthy = await runApp(join(app, 'app.cjs'), {
    receiver,
    env: { SIETCH_OTEL_DIAGNOSE_AFTER_MS: '400', SIETCH_OTEL_BANNER: 'off' },
  }).waitForExit();
  expect(healthy.stderr).toBe('');
});
