import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Exit, runApp } from '../support/app.ts';
import { ROOT } from '../support/checkout.ts';

function run(...args: string[]): Promise<Exit> {
  return runApp('dist/cli/main.js', { args, preload: 'none' }).waitForExit();
}

const COMMANDS = ['dlq', 'doctor', 'now', 'view', 'whowrote'];

test.each([[], ...COMMANDS.map((name) => [name])])('%s --version is that of package.json', async (...command) => {
  const { version }: { version: string } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  expect(await run(...command, '--version')).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
});

test.each(COMMANDS)('help %s is what --help of the command prints', async (name) => {
  const exit = await run('help', name);
  expect(exit).toMatchObject({ code: 0, stderr: '' });
  expect(exit.stdout).toMatch(new RegExp(`^Usage: sietch-otel ${name}`));
  expect(await run(name, '--help')).toMatchObject({ code: 0, stdout: exit.stdout });
});

test.each([[['help', '--help']], [['help', 'help']], [['--help', '-h']]])('%j is the help', async (args) => {
  expect((await run(...args)).stdout).toMatch(/^Usage: sietch-otel <command>/m);
});

test('--help lists the subcommands', async () => {
  const help = await run('--help');
  expect(help).toMatchObject({ code: 0, stderr: '' });
  expect(help.stdout).toMatch(/^Usage: sietch-otel <command>/m);
  expect(help.stdout).toMatch(/^ {2}view +receive telemetry/m);
});

test.each([['frobnicate'], ['toString'], ['--frobnicate']])('an unknown command %s gets the help and exit code 2', async (name) => {
  expect((await run(name, '--version')).code).toBe(2);
  if (!name.startsWith('-')) expect((await run('help', name)).stderr).toContain(`unknown command "${name}"`);
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

test('that nobody reads its output is no error', () => {
  const { stderr } = spawnSync('sh', ['-c', `"${process.execPath}" dist/cli/main.js help now | true`], { cwd: ROOT, encoding: 'utf8' });
  expect(stderr).toBe('');
});
