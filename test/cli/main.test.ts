import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Exit, runApp } from '../support/app.ts';
import { ROOT } from '../support/checkout.ts';

function run(...args: string[]): Promise<Exit> {
  return runApp('dist/cli/main.js', { args, preload: 'none' }).waitForExit();
}

test('--version is that of package.json', async () => {
  const { version }: { version: string } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  expect(await run('--version')).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
});

test('--help lists the subcommands', async () => {
  const help = await run('--help');
  expect(help).toMatchObject({ code: 0, stderr: '' });
  expect(help.stdout).toMatch(/^Usage: sietch-otel <command>/m);
  expect(help.stdout).toMatch(/^ {2}view +receive telemetry/m);
});

test.each([['frobnicate'], ['toString'], ['--frobnicate']])('an unknown command %s gets the help and exit code 2', async (name) => {
  const exit = await run(name);
  expect(exit).toMatchObject({ code: 2, stdout: '' });
  expect(exit.stderr).toContain(`unknown command "${name}"`);
  expect(exit.stderr).toMatch(/^ {2}view /m);
});

test('no command gets the help and exit code 2', async () => {
  const exit = await run();
  expect(exit).toMatchObject({ code: 2, stdout: '' });
  expect(exit.stderr).toMatch(/^@sietch\/otel/);
});
