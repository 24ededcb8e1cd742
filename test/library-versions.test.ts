// The first and the last version of each library that is supported, and of each kind in between that is observed in another way: the same spans.
// The version before the first: one warning that says so, and the app runs on.
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { supportedRange } from '../src/sdk/hooks/supported-versions.js';
import { type Exit, runApp } from './support/app.ts';
import { ROOT } from './support/checkout.ts';
import { installedLibrary, LOGGERS, namesOf, nodeFor, problemsIn, SPANS, UNTIMED, VERSIONS } from './support/library-versions.ts';
import { INSTALLING_MS } from './support/npm-packages.ts';
import { type Receiver, spanTree, startReceiver } from './support/otlp.ts';
import { freshDatabase, freshRedis } from './support/servers.ts';

let receiver: Receiver;
const folders: string[] = [];
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(async () => {
  await receiver.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

describe.each(VERSIONS)('%s', (name, before, supported) => {
  test.each(supported)('%s: its spans', { timeout: INSTALLING_MS }, async (version) => {
    const { stdout, stderr, code } = await run(name, version);
    expect({ code, problems: problemsIn(stderr) }).toEqual({ code: 0, problems: [] });
    const spans = spanTree(receiver.store.spans);
    expect(namesOf(name, spans)).toEqual(SPANS[name]);
    if (LOGGERS.has(name)) expect(JSON.parse(stdout)).toMatchObject({ trace_id: receiver.store.spans[0]?.traceId });
  });

  const last = supported[supported.length - 1] ?? supported[0];
  test(`${last} with another copy of itself inside: its spans`, { timeout: INSTALLING_MS }, async () => {
    const { code, stderr } = await run(name, last, { copyInside: true });
    expect({ code, problems: problemsIn(stderr) }).toEqual({ code: 0, problems: [] });
    expect(namesOf(name, spanTree(receiver.store.spans))).toEqual(SPANS[name]);
  });

  if (before === undefined) return;
  test(`${before}: one warning, and the app runs as it does without us`, { timeout: INSTALLING_MS }, async () => {
    const { stderr, code } = await run(name, before);
    expect(problemsIn(stderr)).toEqual([
      expect.stringContaining(
        `SIETCH130 a library has a version that is not supported: ${name} ${before}, supported is ${supportedRange(name)}: `,
      ),
    ]);
    expect(code).toBe((await run(name, before, { preload: 'none' })).code);
  });
});

interface RunOptions {
  preload?: 'require' | 'none';
  /** Puts a second copy of the package into its own node_modules. */
  copyInside?: boolean;
}

async function run(name: string, version: string, { copyInside, preload = 'require' }: RunOptions = {}): Promise<Exit> {
  const modules = await installedLibrary(name, version);
  const folder = mkdtempSync(join(tmpdir(), 'sietch-otel-library-'));
  folders.push(folder);
  // Copied, not linked: modules are known by their real paths, and the app's API is this checkout's.
  cpSync(modules, join(folder, 'node_modules'), { recursive: true, verbatimSymlinks: true });
  mkdirSync(join(folder, 'node_modules/@opentelemetry'), { recursive: true });
  rmSync(join(folder, 'node_modules/@opentelemetry/api'), { recursive: true, force: true });
  symlinkSync(join(ROOT, 'node_modules/@opentelemetry/api'), join(folder, 'node_modules/@opentelemetry/api'));
  if (copyInside === true) cpSync(join(modules, name), join(folder, 'node_modules', name, 'node_modules', name), { recursive: true });
  copyFileSync(join(ROOT, 'test/app/library-use.cjs'), join(folder, 'use.cjs'));
  const app = runApp(join(folder, 'use.cjs'), {
    args: [name],
    receiver,
    node: await nodeFor(name, version),
    env: { DATABASE_URL: await freshDatabase(), REDIS_URL: await freshRedis(), SIETCH_OTEL_CIRCUIT_SPANS: 'on', ...UNTIMED },
    preload,
  });
  return app.waitForExit(60_000);
}
