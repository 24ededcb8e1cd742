import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ENV } from '../../exit/exit-ways.ts';
import { runApp } from '../../support/app.ts';
import { ROOT } from '../../support/checkout.ts';

const LATE = 'test/app/api-late.cjs';

test('a library that was loaded before is named, with the file that loaded it', async () => {
  const env = { ...ENV, NODE_OPTIONS: `--require ${join(ROOT, LATE)}` };
  const { stderr } = await runApp('test/app/exit-ways.cjs', { args: ['natural'], env }).waitForExit();
  expect(stderr.split('\n').filter((line) => line.includes('SIETCH120'))).toEqual([
    expect.stringMatching(
      /warn SIETCH120 a library was loaded before the distribution, so it is not observed: pg, by \S+api-late\.cjs Remedy: preload/,
    ),
    expect.stringMatching(/warn SIETCH120 .*: pino, by \S+api-late\.cjs/),
  ]);
});

test('loaded after, nothing is said', async () => {
  const { stderr } = await runApp(LATE, { env: ENV }).waitForExit();
  expect(stderr).toBe('');
});
