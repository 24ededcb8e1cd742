import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AppOptions, runApp } from '../../support/app.ts';
import { cacheDirectory } from '../../support/cache.ts';
import { INSTALLING_MS, installedPackages } from '../../support/npm-packages.ts';
import { nodeForTest } from '../../support/requirements.ts';
import { createOpossumFolder, type OpossumFolder } from './opossum-folder.ts';

const FILES = ['circuit-events.cjs', 'circuit-events.mjs'];
const folders: Record<string, OpossumFolder> = {};
const bare: Record<string, string[]> = {};

async function run(file: string, options: AppOptions): Promise<{ lines: string[]; stderr: string }> {
  const { code, stdout, stderr } = await runApp(file, options).waitForExit();
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return { lines: stdout.split('\n'), stderr };
}

beforeAll(async () => {
  for (const release of ['opossum', 'opossum8']) {
    const folder = createOpossumFolder(release, FILES);
    folders[release] = folder;
    bare[release] = (await run(folder.app('circuit-events.cjs'), { preload: 'none' })).lines;
  }
});
afterAll(() => {
  for (const folder of Object.values(folders)) folder.remove();
});

const ways = [
  { file: 'circuit-events.cjs', preload: 'require' },
  { file: 'circuit-events.mjs', preload: 'require' },
  { file: 'circuit-events.mjs', preload: 'import' },
] as const;
const cases = ['opossum', 'opossum8'].flatMap((release) => ways.map((way) => ({ release, ...way })));

test.each(cases)('$release in $file under --$preload: observed, with the same events, results and looks as without', async (way) => {
  const observed = await run(folders[way.release]?.app(way.file) ?? '', { preload: way.preload });
  expect(bare[way.release]?.length).toBeGreaterThan(90);
  expect(observed.lines).toEqual(bare[way.release]);
  expect(observed.stderr).toContain('"sietch.circuit_breaker.name":"opening"');
});

// The latest; it needs Node 22.
describe.each(['22', '24', '26'] as const)('opossum 10 on Node %s', { timeout: INSTALLING_MS }, (major) => {
  test.each(ways)('$file under --$preload: observed, with the same events, results and looks as without', async ({ file, preload }) => {
    const node = await nodeForTest(major);
    const latest = await installedPackages(join(cacheDirectory('opossum'), '10.0.0'), { opossum: '10.0.0' });
    const folder = createOpossumFolder('opossum', FILES, latest);
    try {
      const { lines } = await run(folder.app(file), { node, preload: 'none' });
      const observed = await run(folder.app(file), { node, preload });
      expect(lines.length).toBeGreaterThan(90);
      expect(observed.lines).toEqual(lines);
      expect(observed.stderr).toContain('"sietch.circuit_breaker.name":"opening"');
    } finally {
      folder.remove();
    }
  });
});

test('spans for each call change nothing either', async () => {
  const observed = await run(folders['opossum']?.app('circuit-events.cjs') ?? '', { env: { SIETCH_OTEL_CIRCUIT_SPANS: 'on' } });
  expect(observed.lines).toEqual(bare['opossum']);
});
