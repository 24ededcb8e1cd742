import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { nodeBinary } from './node-versions.ts';
import { INSTALLING_MS } from './npm-packages.ts';

afterEach(() => vi.unstubAllEnvs());

test(
  'another major version is installed once and runs',
  async () => {
    const binary = await nodeBinary('22');
    expect(execFileSync(binary, ['--version'], { encoding: 'utf8' })).toMatch(/^v22\./);
    expect(await nodeBinary('22')).toBe(binary);
  },
  INSTALLING_MS,
);

test('the running version needs no installation', async () => {
  vi.stubEnv('PATH', '');
  const major = process.versions.node.split('.')[0];
  if (major === '20' || major === '22' || major === '24' || major === '26') expect(await nodeBinary(major)).toBe(process.execPath);
});

test('one that cannot be had is a clear error', async () => {
  const empty = mkdtempSync(join(tmpdir(), 'sietch-otel-no-npm-'));
  vi.stubEnv('PATH', empty);
  vi.stubEnv('XDG_CACHE_HOME', empty);
  const major = process.versions.node.startsWith('24.') ? '22' : '24';
  await expect(nodeBinary(major)).rejects.toThrow(/^Node\.js 2\d cannot be had from the npm package node-.*: .*ENOENT/);
  rmSync(empty, { recursive: true, force: true });
});
