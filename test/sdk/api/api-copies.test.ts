// Apps on other versions of @opentelemetry/api, loaded before or after ours, one copy or several: their spans and ours are one trace.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { ENV } from '../../exit/exit-ways.ts';
import { runApp } from '../../support/app.ts';
import { ROOT } from '../../support/checkout.ts';
import { INSTALLING_MS } from '../../support/npm-packages.ts';
import { type Receiver, spanTree, startReceiver } from '../../support/otlp.ts';
import { API_VERSIONS, installVersions, makeApp, OLD_API_VERSION } from './api-versions.ts';

const folders: string[] = [];
beforeAll(installVersions, INSTALLING_MS);
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const FILES = ['api-app.cjs', 'api-app-esm.mjs', 'api-first.cjs'];

interface Options {
  readonly first?: boolean;
  readonly file?: string;
  readonly others?: Readonly<Record<string, string>>;
}

async function run(version: string, { first = false, file = 'api-app.cjs', others = {} }: Options = {}) {
  const folder = await makeApp(FILES, version, others);
  folders.push(folder);
  const receiver = await startReceiver();
  // NODE_OPTIONS' preloads run before those of the command line.
  const env = first ? { ...ENV, NODE_OPTIONS: `--require ${join(folder, 'api-first.cjs')}` } : ENV;
  const exit = await runApp(join(folder, file), { receiver, env, cwd: folder }).waitForExit();
  await receiver.close();
  return { exit, receiver };
}

// GET (client)                by our instrumentation of http
//   GET (server)
//     app                     by the app's copy of the API
//       library               by a library's copy of it
//       GET (client)          by our instrumentation again
//         GET (server)
function shapeOf({ store }: Receiver): unknown {
  const shape = ({ name, kind, children }: ReturnType<typeof spanTree>[number]): unknown =>
    children.length === 0 ? `${name} ${kind}` : { [`${name} ${kind}`]: children.map(shape) };
  return spanTree(store.spans).map(shape);
}

const ONE_TRACE = [{ 'GET CLIENT': [{ 'GET SERVER': [{ 'app INTERNAL': [{ 'GET CLIENT': ['GET SERVER'] }] }] }] }];

test.for(API_VERSIONS)('%s', async (version) => {
  const { exit, receiver } = await run(version);
  expect(exit).toMatchObject({ code: 0, stderr: '' });
  expect(shapeOf(receiver)).toEqual(ONE_TRACE);
  const { carrier, span } = JSON.parse(exit.stdout);
  expect(carrier.traceparent).toContain(span);
});

test.for(API_VERSIONS)('%s, loaded before ours', async (version) => {
  const { exit, receiver } = await run(version, { first: true });
  expect(exit).toMatchObject({ code: 0, stderr: '' });
  expect(shapeOf(receiver)).toEqual(ONE_TRACE);
});

test.for(API_VERSIONS)('%s in an ES module', async (version) => {
  const { exit, receiver } = await run(version, { file: 'api-app-esm.mjs' });
  expect(exit).toMatchObject({ code: 0, stderr: '' });
  expect(shapeOf(receiver)).toEqual(['esm INTERNAL', ...ONE_TRACE]);
});

test.for([
  ['1.4.1', '1.10.0', false],
  ['1.10.0', '1.3.0', false],
  ['1.9.0', '1.8.0', true],
  ['1.3.0', '1.10.0', true],
  ['1.10.0', '1.4.1', true],
] as const)('%s in the app and %s in a library of it, before ours: %s', async ([version, other, first]) => {
  const { exit, receiver } = await run(version, { first, others: { 'api-library': other } });
  expect(exit).toMatchObject({ code: 0, stderr: '' });
  expect(shapeOf(receiver)).toEqual([
    { 'GET CLIENT': [{ 'GET SERVER': [{ 'app INTERNAL': ['library INTERNAL', { 'GET CLIENT': ['GET SERVER'] }] }] }] },
  ]);
});

test('a copy of another major version is named, with the remedy', async () => {
  const { exit, receiver } = await run('1.9.0', { others: { 'api-library': OLD_API_VERSION } });
  expect(shapeOf(receiver)).toEqual(ONE_TRACE);
  expect(exit.stderr.split('\n').filter(Boolean)).toEqual([
    expect.stringMatching(
      /warn SIETCH097 .*: 0\.21\.0 \(.*api-library\/node_modules\/@opentelemetry\/api\) .* Remedy: install @opentelemetry\/api@\^1 in the app$/,
    ),
  ]);
});

const SECOND = 'test/app/api-second-sdk.cjs';

test('a second SDK is refused and named, with the file that starts it', async () => {
  const { exit, receiver } = await runSecond({});
  expect(receiver.store.spans.map(({ name }) => name)).toEqual(['of the app']);
  expect(exit.stderr).toMatch(/warn SIETCH098 .*: a second one registers from \S+api-second-sdk\.cjs:\d+: this distribution was first/);
});

test('an SDK that was there before keeps the spans, and this one steps aside', async () => {
  const { exit, receiver } = await runSecond({ NODE_OPTIONS: `--require ${join(ROOT, SECOND)}` });
  expect(receiver.store.spans).toEqual([]);
  expect(exit.stdout).toContain('exported by the second: of the app');
  expect(exit.stderr).toMatch(/warn SIETCH098 .*: another one was registered before this one \(.*sdk-trace.*api-second-sdk\.cjs\)/);
});

/** What each agent has when it is started and what when it is loaded only, as seen in the real ones. */
const AGENTS = [
  ['Datadog', 'dd-trace', 'exports._initialized = true;', 'exports._initialized = false;'],
  ['New Relic', 'newrelic', "exports.agent = { _state: 'starting' };", ''],
  ['Elastic APM', 'elastic-apm-node', 'exports.isStarted = () => true;', 'exports.isStarted = () => undefined;'],
  ['Sentry', '@sentry/node', 'exports.getClient = () => exports;', 'exports.getClient = () => undefined;'],
  ['Azure Application Insights', 'applicationinsights', 'exports.defaultClient = {};', 'exports.defaultClient = void 0;'],
  ['Instana', '@instana/collector', 'globalThis.__INSTANA_INITIALIZED = true;', ''],
] as const;

test.for(AGENTS)('%s is named once when it was started before, and not when it was loaded only', async ([title, name, started, loaded]) => {
  const folder = await makeApp(['api-app.cjs'], '1.9.0', { [name]: '1.9.0' });
  folders.push(folder);
  const agent = join(folder, 'node_modules', name);
  const linesWith = async (text: string): Promise<readonly string[]> => {
    writeFileSync(join(agent, 'index.js'), text);
    const env = { ...ENV, OTEL_TRACES_EXPORTER: 'none', SIETCH_OTEL_DIAGNOSE_AFTER_MS: '1', NODE_OPTIONS: `--require ${agent}` };
    const { stderr } = await runApp(join(folder, 'api-app.cjs'), { env, cwd: folder }).waitForExit();
    return stderr.split('\n').filter((line) => line.includes('SIETCH099'));
  };
  expect(await linesWith(loaded)).toEqual([]);
  expect(await linesWith(started)).toEqual([expect.stringContaining(`: ${title} (${name})`)]);
});

async function runSecond(env: Readonly<Record<string, string>>) {
  const receiver = await startReceiver();
  const exit = await runApp(SECOND, { receiver, env: { ...ENV, ...env } }).waitForExit();
  await receiver.close();
  return { exit, receiver };
}
