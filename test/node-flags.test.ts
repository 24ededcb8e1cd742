// Flags of Node that take something away: an app that runs with them bare runs with them under the preload, and prints the same.
import { expect, test } from 'vitest';
import { type AppOptions, runApp } from './support/app.ts';
import { nodeBinary } from './support/node-versions.ts';
import { INSTALLING_MS } from './support/npm-packages.ts';
import { freePort } from './support/ports.ts';

const LIBRARIES = ['pg', 'ioredis', 'bullmq', 'opossum', 'pino', 'express'];
/** `pg` asks for the global `Response` as it is loaded, which ends the process bare where there is no WebAssembly. */
const WITHOUT_PG = LIBRARIES.slice(1);

/** What the oldest and the newest Node do is tried in CI; with this, what each of them does. */
const MAJORS = process.env['SIETCH_OTEL_TEST_ALL_NODES'] === '1' ? (['20', '22', '24', '26'] as const) : (['20', '26'] as const);

/** The libraries are those that run bare with the flags. */
const FLAGS: readonly (readonly [flags: string, libraries: readonly string[]])[] = [
  ['--jitless', WITHOUT_PG],
  ['--no-expose-wasm', WITHOUT_PG],
  ['--frozen-intrinsics', []],
  ['--disallow-code-generation-from-strings', LIBRARIES],
  ['--disable-proto=delete', LIBRARIES],
  ['--disable-proto=throw', LIBRARIES],
  ['--no-addons', LIBRARIES],
  ['--use-strict', LIBRARIES],
  ['--throw-deprecation', LIBRARIES],
  ['--permission --allow-fs-read=*', LIBRARIES],
  ['--experimental-permission --allow-fs-read=*', LIBRARIES],
];

async function run(args: readonly string[], options: AppOptions = {}) {
  const env = { SIETCH_OTEL_SHUTDOWN_MS: '100', SIETCH_OTEL_BANNER: 'off' };
  const receiver = { url: `http://127.0.0.1:${await freePort()}` };
  const { code, signal, stdout, stderr } = await runApp('test/app/node-flags.cjs', { args, env, receiver, ...options }).waitForExit(60_000);
  return { outcome: { code, signal, stdout }, stderr };
}

test('an outgoing request by node:http loads no fetch', async () => {
  const { outcome } = await run([]);
  expect(outcome).toEqual({ code: 0, signal: null, stdout: '200 false\n' });
});

test.each(MAJORS)('Node %s with each flag: as it is bare', { timeout: INSTALLING_MS }, async (major) => {
  const node = await nodeBinary(major);
  for (const [flags, libraries] of FLAGS) {
    const options = { node, nodeArgs: flags.split(' ') };
    const [bare, observed] = await Promise.all([run(libraries, { ...options, preload: 'none' }), run(libraries, options)]);
    expect(observed.outcome, `${flags}\n${observed.stderr}`).toEqual(bare.outcome);
  }
});
