// The configurations of docs/bundlers.md, each run as its bundler runs it: the bundle's spans arrive, those of its own copy of the API too.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runApp } from '../support/app.ts';
import { ROOT } from '../support/checkout.ts';
import { INSTALLING_MS } from '../support/npm-packages.ts';
import { spanTree, startReceiver } from '../support/otlp.ts';
import { freshDatabase } from '../support/servers.ts';
import { installedBundlers } from './bundlers.ts';

const run = promisify(execFile);

const SERVER = `
import { trace } from '@opentelemetry/api';
import pg from 'pg';
trace.getTracer('app').startActiveSpan('work', async (span) => {
  const client = new pg.Client(process.env.DATABASE_URL);
  await client.connect();
  await client.query('SELECT 1');
  await client.end();
  span.end();
});
`;

const throughApi = (bundler: string, config: string): string =>
  `const bundle = require('${bundler}'); (bundle.rspack ?? bundle)(require('./${config}'), (error, stats) => { if (error || stats.hasErrors()) throw error ?? stats.toString(); });`;

/** By the words of a block: its file, what runs it, and the bundle that it makes. */
const CASES = [
  ['sietchOtel.esbuild()', 'build.mjs', ['build.mjs'], 'server.cjs'],
  ['sietchOtel.rollup()', 'rollup.config.mjs', ['node_modules/rollup/dist/bin/rollup', '-c'], 'server.mjs'],
  ['sietchOtel.vite()', 'vite.config.mjs', ['node_modules/vite/bin/vite.js', 'build'], 'server.mjs'],
  ['sietchOtel.webpack()', 'webpack.config.cjs', ['-e', throughApi('webpack', 'webpack.config.cjs')], 'server.cjs'],
  ['sietchOtel.rspack()', 'rspack.config.cjs', ['-e', throughApi('@rspack/core', 'rspack.config.cjs')], 'server.cjs'],
] as const;

const BLOCK = /^```js run by test\/bundler\/docs\.test\.ts\n([\s\S]*?)^```$/gm;
const blocks = [...readFileSync(join(ROOT, 'docs/bundlers.md'), 'utf8').matchAll(BLOCK)].map(([, code = '']) => code);

let folder: string;
beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'sietch-otel-bundler-docs-')));
  writeFileSync(join(folder, 'package.json'), '{ "name": "shop" }');
  writeFileSync(join(folder, 'server.js'), SERVER);
  const bundlers = await installedBundlers();
  for (const name of packagesIn(bundlers)) link(name, join(bundlers, name));
  for (const name of ['pg', 'esbuild', '@opentelemetry/api']) link(name, realpathSync(join(ROOT, 'node_modules', name)));
  link('@sietch/otel', ROOT);
}, INSTALLING_MS);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function packagesIn(modules: string): string[] {
  return readdirSync(modules).flatMap((name) => {
    if (name.startsWith('.')) return [];
    return name.startsWith('@') ? readdirSync(join(modules, name)).map((inner) => `${name}/${inner}`) : [name];
  });
}

function link(name: string, target: string): void {
  const path = join(folder, 'node_modules', name);
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { force: true });
  symlinkSync(target, path);
}

test('each block is run', () => {
  expect(CASES.map(([words]) => blocks.filter((code) => code.includes(words)).length)).toEqual(blocks.map(() => 1));
});

test.each(CASES)('%s', { timeout: INSTALLING_MS }, async (words, file, command, bundle) => {
  writeFileSync(join(folder, file), blocks.find((code) => code.includes(words)) ?? '');
  await run(process.execPath, [...command], { cwd: folder });
  const receiver = await startReceiver();
  try {
    const env = { DATABASE_URL: await freshDatabase() };
    const { code, stderr } = await runApp(join(folder, 'dist', bundle), { receiver, env, cwd: folder }).waitForExit();
    expect({ code, stderr: stderr.split('\n').filter((line) => /warn|error/i.test(line)) }).toEqual({ code: 0, stderr: [] });
    const name = expect.stringMatching(/^SELECT\b/);
    expect(spanTree(receiver.store.spans)).toMatchObject([{ name: 'work', children: [{ name, children: [] }] }]);
  } finally {
    await receiver.close();
    rmSync(join(folder, 'dist'), { recursive: true, force: true });
  }
});
