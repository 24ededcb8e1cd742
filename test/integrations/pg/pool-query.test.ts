// What pool.query() calls of the app's is called in the context of its caller; its promise needs none.
import { expect, test } from 'vitest';
import { runApp } from '../../support/app.ts';
import { freshDatabase } from '../../support/servers.ts';

test('listeners and log of a pool, queries of a subclass, and a rejection that nobody handles are in the context of the caller', async () => {
  const { code, stdout, stderr } = await runApp('test/app/pg-pool-query.js', { args: [await freshDatabase()] }).waitForExit();
  expect(code, stderr).toBe(0);
  const run = (number: number) => [
    `release in listener ${number}`,
    `log in log ${number}`,
    `setup in setup ${number}`,
    `result in setup ${number}`,
  ];
  expect(stdout.split('\n').filter((line) => line.includes(' in '))).toEqual([
    ...run(1),
    ...run(2),
    'setup in failing',
    'unhandled rejection in failing',
  ]);
});
