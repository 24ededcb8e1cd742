// Instrumentations of upstream that the app depends on: used without being named, made when their library is loaded.
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type App, runApp } from '../../support/app.ts';
import { cacheDirectory } from '../../support/cache.ts';
import { ROOT } from '../../support/checkout.ts';
import { nodeBinary } from '../../support/node-versions.ts';
import { INSTALLING_MS, installedPackages } from '../../support/npm-packages.ts';
import { allText, type SpanNode, spanTree, startReceiver } from '../../support/otlp.ts';

const LIBRARIES = { 'generic-pool': '3.9.0', graphql: '16.11.0', mysql2: '3.14.1', kafkajs: '2.2.4' };
/** With @opentelemetry/instrumentation 0.34 (kafkajs' first has 0.52), and with the newest, 0.300. */
const INSTRUMENTATIONS = {
  old: { api: '1.9.0', 'generic-pool': '0.31.0', graphql: '0.33.0', mysql2: '0.33.0', kafkajs: '0.1.0' },
  new: { api: '1.10.0', 'generic-pool': '0.67.0', graphql: '0.72.0', mysql2: '0.70.0', kafkajs: '0.33.0' },
};
type Age = keyof typeof INSTRUMENTATIONS;
const ALL = ['generic-pool', 'graphql', 'mysql2', 'kafkajs'] as const;
const OUTPUT = 'generic-pool: 7\ngraphql: 42\nmysql2: ECONNREFUSED\nkafkajs: KafkaJSError\n';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** An app with these libraries, whose package.json names those instrumentations. */
async function folderOf(age: Age, declared: readonly string[]): Promise<string> {
  const { api, ...versions } = INSTRUMENTATIONS[age];
  const instrumentations = Object.entries(versions).map(([name, version]) => [`@opentelemetry/instrumentation-${name}`, version]);
  const packages = { ...LIBRARIES, '@opentelemetry/api': api, ...Object.fromEntries(instrumentations) };
  const modules = await installedPackages(
    join(cacheDirectory('instrumentations'), `${age}-api-${api}-pool-${versions['generic-pool']}`),
    packages,
  );
  const folder = mkdtempSync(join(tmpdir(), 'sietch-otel-instrumentations-'));
  folders.push(folder);
  symlinkSync(modules, join(folder, 'node_modules'));
  const dependencies = Object.fromEntries(declared.map((name) => [`@opentelemetry/instrumentation-${name}`, '*']));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'shop', dependencies }));
  return folder;
}

interface Ran {
  spans: SpanNode[];
  text: string;
  stdout: string;
  /** Lines of the distribution, without their remedies. */
  lines: string[];
}

interface RunOptions {
  age?: Age;
  file?: string;
  args?: readonly string[];
  declared?: readonly string[];
  env?: Readonly<Record<string, string>>;
  node?: string;
  preload?: 'require' | 'none';
}

async function run({ age = 'new', file = 'app-instrumentations.cjs', args = ALL, declared = ALL, ...options }: RunOptions): Promise<Ran> {
  const receiver = await startReceiver();
  try {
    const folder = await folderOf(age, declared);
    const app = join(folder, basename(file));
    copyFileSync(join(ROOT, 'test/app', file), app);
    return { ...(await end(runApp(app, { receiver, args, cwd: folder, ...options }))), ...read(receiver.store) };
  } finally {
    await receiver.close();
  }
}

function read(store: Parameters<typeof allText>[0]): Pick<Ran, 'spans' | 'text'> {
  return { spans: spanTree(store.spans), text: allText(store) };
}

async function end(app: App): Promise<Pick<Ran, 'stdout' | 'lines'>> {
  const { code, stdout, stderr } = await app.waitForExit();
  expect(code, stderr).toBe(0);
  const lines = stderr.split('\n').filter((line) => /^\[sietch-otel\] (info|warn|error) SIETCH/.test(line));
  return { stdout, lines: lines.map((line) => line.replace(/^\[sietch-otel\] | Remedy: .*/g, '')) };
}

/** Names of the spans below the app's own, sorted. */
const namesBelow = ({ spans }: Ran): string[] => (spans[0]?.children ?? []).map(({ name }) => name).sort();

//   work
//   ├─ generic-pool.acquire
//   ├─ graphql.parseSchema, graphql.parse, graphql.validate, query
//   ├─ SELECT                ✗ ECONNREFUSED
//   └─ send orders           ✗
const NAMES: Record<Age, string[]> = {
  // mysql2 3 is past the range of the old one.
  old: ['generic-pool.aquire', 'graphql.execute', 'graphql.parse', 'graphql.parseSchema', 'graphql.validate', 'orders'],
  new: ['SELECT', 'generic-pool.acquire', 'graphql.parse', 'graphql.parseSchema', 'graphql.validate', 'query', 'send orders'],
};

test.each([
  ['old', 'app-instrumentations.cjs', '20'],
  ['new', 'app-instrumentations.cjs', '20'],
  ['new', 'app-instrumentations.cjs', '24'],
  ['old', 'app-instrumentations.mjs', '20'],
  ['new', 'app-instrumentations.mjs', '20'],
  ['new', 'app-instrumentations.mjs', '24'],
] as const)('%s ones in %s on Node %s', { timeout: INSTALLING_MS }, async (age, file, major) => {
  const node = await nodeBinary(major);
  const ran = await run({ age, file, node });
  expect(ran).toMatchObject({ stdout: OUTPUT, lines: [] });
  expect((await run({ age, file, node, preload: 'none' })).stdout).toBe(ran.stdout);
  expect(namesBelow(ran)).toEqual(NAMES[age]);
  expect(ran.text).not.toContain('secret');
});

test.each([
  ['that the app does not declare', { declared: [] }],
  ['that the app takes out', { env: { SIETCH_OTEL_INSTRUMENTATIONS: '-generic-pool' } }],
  ['in the list of those that are off', { env: { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'generic-pool' } }],
  ['not in the list of those that are on', { env: { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http' } }],
])('one %s is not used', { timeout: INSTALLING_MS }, async (_which, options) => {
  expect(await run({ args: ['generic-pool'], ...options })).toMatchObject({ spans: [{ name: 'work', children: [] }], lines: [] });
});

test('one that is named is made once, at the start', { timeout: INSTALLING_MS }, async () => {
  const ran = await run({ args: ['generic-pool'], env: { SIETCH_OTEL_INSTRUMENTATIONS: 'generic-pool' } });
  expect(ran).toMatchObject({ spans: [{ children: [{ name: 'generic-pool.acquire', children: [] }] }], lines: [] });
  expect(ran.stdout).toContain('instrumented early');
});

test('one that needs a newer API than the app has is said once, and the app runs on', { timeout: INSTALLING_MS }, async () => {
  const folder = await folderOf('new', ['generic-pool']);
  const old = await folderOf('old', []);
  rmSync(join(folder, 'node_modules'));
  mkdirSync(join(folder, 'node_modules'));
  cpSync(join(old, 'node_modules/generic-pool'), join(folder, 'node_modules/generic-pool'), { recursive: true, dereference: true });
  mkdirSync(join(folder, 'node_modules/@opentelemetry/instrumentation-generic-pool'), { recursive: true });
  writeFileSync(
    join(folder, 'node_modules/@opentelemetry/instrumentation-generic-pool/index.js'),
    "throw new Error('no logs in this API');",
  );
  symlinkSync(join(ROOT, 'node_modules/@opentelemetry/api'), join(folder, 'node_modules/@opentelemetry/api'));
  const app = join(folder, 'app.cjs');
  copyFileSync(join(ROOT, 'test/app/app-instrumentations.cjs'), app);
  expect(await end(runApp(app, { args: ['generic-pool', 'generic-pool'], cwd: folder }))).toEqual({
    stdout: 'generic-pool: 7\n'.repeat(2),
    lines: [
      'warn SIETCH193 an instrumentation among the dependencies of the app could not be used: @opentelemetry/instrumentation-generic-pool: no logs in this API',
    ],
  });
});

test('a library that nothing observes is named at level info', { timeout: INSTALLING_MS }, async () => {
  const folder = await folderOf('new', []);
  const file = join(folder, 'app.cjs');
  copyFileSync(join(ROOT, 'test/app/app-instrumentations.cjs'), file);
  const app = runApp(file, {
    args: ['kafkajs', 'graphql', 'stay'],
    cwd: folder,
    env: { OTEL_LOG_LEVEL: 'info', SIETCH_OTEL_DIAGNOSE_AFTER_MS: '500' },
  });
  try {
    const [line] = await app.waitForLine(/info SIETCH194 (.*) Remedy: install/);
    expect(line).toMatch(
      /info SIETCH194 loaded, not observed: kafkajs 2\.2\.4 \(npm install @opentelemetry\/instrumentation-kafkajs\) Remedy/,
    );
  } finally {
    await app.stop();
  }
  expect(app.stderr.match(/SIETCH19\d/g)).toEqual(['SIETCH194']);
});
