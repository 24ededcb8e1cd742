// Listeners of a `new pg.Query()` run in the context of its caller, for rows too.
import { expect, test } from 'vitest';
import { runApp } from '../../support/app.ts';
import { freshDatabase } from '../../support/servers.ts';

test('each listener runs in the context of who made its query; nothing is left on the query after its end', async () => {
  const args = [await freshDatabase()];
  const bare = await runApp('test/app/pg-listeners.js', { args, preload: 'none' }).waitForExit();
  const { code, stdout, stderr } = await runApp('test/app/pg-listeners.js', { args }).waitForExit();
  expect(code, stderr).toBe(0);
  const calls = (output: string) => output.split('\n').filter((line) => line.includes(' in '));
  expect(calls(stdout)).toEqual([
    'before row in before',
    'before row in before',
    'before end in before',
    'after row in after',
    'after row in after',
    'after end in after',
    'failing row in failing',
    'failing error in failing',
    'with callback row in with callback',
    'with callback row in with callback',
    'with callback callback in with callback',
    'with callback end in with callback',
  ]);
  expect(stdout).toBe(bare.stdout.replaceAll(/^(.*) (\S+) in undefined$/gm, '$1 $2 in $1'));
});
