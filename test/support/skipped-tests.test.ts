// What a machine lacks is said, its tests are skipped, and the run ends with the list of them.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from './checkout.ts';
import { spawnGuarded, whenEnded } from './guarded-process.ts';

async function run(env: NodeJS.ProcessEnv): Promise<{ code: number | null; output: string }> {
  const args = [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', '--no-color', '--config', 'test/fixtures/lacking/vitest.config.ts'];
  const child = spawnGuarded({ command: process.execPath, args, cwd: ROOT, env: { ...process.env, ...env } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  await Promise.all([whenEnded(child), new Promise((resolve) => child.once('close', resolve))]);
  return { code: child.exitCode, output };
}

test('the end of the run names each reason, what to install and how many tests', { timeout: 60_000 }, async () => {
  const { code, output } = await run({ SIETCH_OTEL_TEST_REQUIRE_ALL: undefined });
  const summary = output.slice(output.indexOf('Test Files'));
  expect(code, output).toBe(0);
  expect(output).toContain('Skipped: An ornithopter is lacking. Debian: apt-get install ornithopter');
  expect(summary).toMatch(/Tests +1 passed \| 6 skipped \(7\)/);
  expect(summary).toContain('\n3 tests skipped: An ornithopter is lacking. Debian: apt-get install ornithopter\n- not in ');
  expect(summary).toContain('\n1 test skipped: Version 26 is lacking. Debian: apt-get install ornithopter\n- not in ');
  expect(summary).toContain('\n1 test skipped: not on PATH: stillsuit.');
});

test('with SIETCH_OTEL_TEST_REQUIRE_ALL=1 what a package could bring is a failure', { timeout: 60_000 }, async () => {
  const { code, output } = await run({ SIETCH_OTEL_TEST_REQUIRE_ALL: '1' });
  expect(code, output).toBe(1);
  expect(output).toContain('Debian: apt-get install ornithopter');
});
