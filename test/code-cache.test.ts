// The code cache of the bundle: a help that no other process takes away.
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runApp } from './support/app.ts';

const folder = mkdtempSync(join(tmpdir(), 'sietch-otel-code-cache-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The caches that are there when a process with these flags has ended, by name; one that is written again has another inode. */
async function cachesAfter(...nodeArgs: string[]): Promise<Map<string, number>> {
  const env = { SIETCH_OTEL_CODE_CACHE: folder, OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none' };
  const { code, stderr } = await runApp('test/app/hello.mjs', { args: ['0'], nodeArgs, env }).waitForExit(30_000);
  expect(code, stderr).toBe(0);
  return new Map(readdirSync(folder).map((name) => [name, statSync(join(folder, name)).ino]));
}

test('services with other flags keep caches of their own', async () => {
  const [first, ...others] = await cachesAfter();
  expect(first).toBeDefined();
  expect(others).toEqual([]);
  const both = await cachesAfter('--max-old-space-size=300');
  expect(both.size).toBe(2);
  expect(await cachesAfter()).toEqual(both);
  expect(await cachesAfter('--max-old-space-size=300')).toEqual(both);
});
