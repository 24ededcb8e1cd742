// Instrumentations of upstream that the app depends on, for libraries inside of its bundle: used without being named, neither to the plugin nor to the
// distribution. Of graphql there are ES modules too, whose inner files its instrumentation names as CommonJS.
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type App, runApp } from '../support/app.ts';
import { cacheDirectory } from '../support/cache.ts';
import { ROOT } from '../support/checkout.ts';
import { INSTALLING_MS, installedPackages } from '../support/npm-packages.ts';
import { type Receiver, spanTree, startReceiver } from '../support/otlp.ts';
import { sietchOtel } from './plugin.ts';

const LIBRARIES = { 'generic-pool': '3.9.0', graphql: '16.11.0', mysql2: '3.14.1', kafkajs: '2.2.4' };
const INSTRUMENTATIONS = {
  '@opentelemetry/instrumentation-generic-pool': '0.67.0',
  '@opentelemetry/instrumentation-graphql': '0.72.0',
  '@opentelemetry/instrumentation-mysql2': '0.70.0',
  '@opentelemetry/instrumentation-kafkajs': '0.33.0',
};
const OUTPUT = 'generic-pool: 7\ngraphql: 42\nmysql2: ECONNREFUSED\nkafkajs: KafkaJSError\n';
//   work
//   ├─ generic-pool.acquire
//   ├─ graphql.parseSchema, graphql.parse, graphql.validate, query
//   ├─ SELECT                ✗ ECONNREFUSED
//   └─ send orders           ✗
const NAMES = ['SELECT', 'generic-pool.acquire', 'graphql.parse', 'graphql.parseSchema', 'graphql.validate', 'query', 'send orders'];

let folder: string;
let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
  const api = { '@opentelemetry/api': '1.10.0' };
  const cache = cacheDirectory('instrumentations');
  const [libraries, instrumentations] = await Promise.all([
    installedPackages(join(cache, 'libraries-api-1.10.0'), { ...LIBRARIES, ...api }),
    installedPackages(join(cache, 'instrumentations-api-1.10.0-pool-0.67.0'), { ...INSTRUMENTATIONS, ...api }),
  ]);
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'sietch-otel-bundled-instrumentations-')));
  copyFileSync(join(ROOT, 'test/app/app-instrumentations.cjs'), join(folder, 'app.cjs'));
  symlinkSync(libraries, join(folder, 'node_modules'));
  // Where the bundles run there are the instrumentations and none of the libraries.
  mkdirSync(join(folder, 'dist'));
  symlinkSync(instrumentations, join(folder, 'dist/node_modules'));
}, INSTALLING_MS);
afterAll(async () => {
  await receiver.close();
  rmSync(folder, { recursive: true, force: true });
});

/** @param mainFields `module` before `main`: as webpack, Rollup and Vite take them */
async function bundled(dependencies: object, mainFields = ['main', 'module']): Promise<string> {
  const outfile = join(folder, `dist/${mainFields[0]}.cjs`);
  const entryPoints = [join(folder, 'app.cjs')];
  await build({
    entryPoints,
    outfile,
    mainFields,
    bundle: true,
    platform: 'node',
    minify: true,
    plugins: [sietchOtel.esbuild()],
    logLevel: 'silent',
  });
  writeFileSync(join(folder, 'dist/package.json'), JSON.stringify({ name: 'shop', dependencies }));
  return outfile;
}

function start(file: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): App {
  receiver.store.clear();
  return runApp(file, { receiver, args, cwd: join(folder, 'dist'), env });
}

test.each([
  ['CommonJS', ['main', 'module']],
  ['ES modules where there are any', ['module', 'main']],
])('%s', async (_format, mainFields) => {
  const file = await bundled(INSTRUMENTATIONS, mainFields);
  const { code, stdout, stderr } = await start(file, Object.keys(LIBRARIES)).waitForExit();
  expect({ code, stdout, problems: stderr.match(/^\[sietch-otel\] (?:warn|error).*$/gm) }, stderr).toEqual({
    code: 0,
    stdout: OUTPUT,
    problems: null,
  });
  const [work] = spanTree(receiver.store.spans);
  expect(work?.children.map(({ name }) => name).sort()).toEqual(NAMES);
});

test('a library in the bundle that nothing observes is named', async () => {
  const file = await bundled({});
  const app = start(file, ['kafkajs', 'graphql', 'stay'], { OTEL_LOG_LEVEL: 'info', SIETCH_OTEL_DIAGNOSE_AFTER_MS: '500' });
  try {
    const [line] = await app.waitForLine(/info SIETCH194 (.*) Remedy: install/);
    expect(line).toMatch(/loaded, not observed: kafkajs 2\.2\.4 \(npm install @opentelemetry\/instrumentation-kafkajs\) Remedy/);
  } finally {
    await app.stop();
  }
});
