// The commands of the pages exist as they are written. Those of `sietch-otel` are run; of the others, the script, file, package and variable that they
// name are looked for: to run `npm test` from a test would never end.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { settingsTables } from '../../src/catalog/settings-tables.ts';
import { runApp } from '../support/app.ts';
import { ROOT } from '../support/checkout.ts';
import { startReceiver } from '../support/otlp.ts';
import { freshDatabase, freshRedis } from '../support/servers.ts';
import { pages } from './code-blocks.ts';
import { type ShellCommand, shellCommands } from './shell-commands.ts';

interface Manifest {
  name: string;
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

const manifest: Manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const packages = [manifest.name, ...Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies, ...manifest.devDependencies })];
const commands = [
  ...new Map(
    pages()
      .flatMap(shellCommands)
      .map((command) => [command.words.join(' '), command]),
  ).values(),
];
const settings = Object.values(settingsTables).flatMap((table) => Object.values(table).map(({ env }) => env));

/** Installed by the test of its guide. */
const UPSTREAM_OF_GUIDES = '@opentelemetry/instrumentation-aws-lambda';

/** Each throws when something that the command names is missing. */
const checks: Readonly<Record<string, (words: string[], command: ShellCommand) => unknown>> = {
  npm: ([verb = '', ...rest]) => {
    if (verb === 'run') return expect(Object.keys(manifest.scripts)).toContain(rest[0]);
    if (verb === 'install') {
      const names = rest.map((name) => name.replace(/@[\d^~][^/]*$/, ''));
      return expect([...packages, UPSTREAM_OF_GUIDES]).toEqual(expect.arrayContaining(names));
    }
    return expect(['ci', 'test', 'pack', 'i', 'uninstall', 'start']).toContain(verb);
  },
  npx: ([name = '', ...rest], { page }) => {
    if (name === 'sietch-otel') return;
    expect(packages).toContain(name);
    for (const path of rest.filter((word) => word.includes('/'))) expect(existsSync(join(ROOT, path)), `${page}: ${path}`).toBe(true);
  },
  node: (words, { page }) => {
    // A program of the reader's is called app.js or app.ts, or what a build makes of it.
    const [file] = words.filter((word) => /\.[cm]?[jt]s$/.test(word));
    const places = [ROOT, join(ROOT, page, '..')].map((folder) => join(folder, file ?? ''));
    if (file !== undefined && !['app.js', 'app.ts', 'dist/main.js', 'dist/server.js'].includes(file))
      expect(places.some(existsSync), `${page}: ${file}`).toBe(true);
  },
  bash: ([file = '']) => expect(existsSync(join(ROOT, file))).toBe(true),
  docker: () => expect(existsSync(join(ROOT, 'docker-compose.yml'))).toBe(true),
  kubectl: (words) => {
    const path = words[words.findIndex((word) => word === '-f' || word === '-k') + 1] ?? '';
    expect(existsSync(join(ROOT, path)), path).toBe(true);
  },
  curl: () => {},
};

it('there are commands', () => {
  expect(commands.length).toBeGreaterThan(15);
});

it.each(
  commands
    .filter(({ words }) => words.length > 0)
    .map((command): [string, ShellCommand] => [`${command.page}: ${command.words.join(' ')}`, command]),
)('%s', (_title, command) => {
  const [program = '', ...words] = command.words;
  const check = checks[program];
  expect(check, `${program} is not known to this test`).toBeDefined();
  check?.(words, command);
});

it('every variable of ours that a command sets is a setting', () => {
  const set = commands
    .flatMap(({ variables }) => variables)
    .filter((name) => /^(OTEL|SIETCH)_/.test(name) && !name.startsWith('SIETCH_OTEL_TEST_'));
  expect(set.filter((name) => !settings.includes(name))).toEqual([]);
});

const OWN = commands.filter(({ words }) => words[1] === 'sietch-otel' && words[2] !== 'view').map(({ words }) => words.slice(2));
let env: Record<string, string>;
let collector: Awaited<ReturnType<typeof startReceiver>>;
beforeAll(async () => {
  collector = await startReceiver();
  env = { REDIS_URL: await freshRedis(), DATABASE_URL: await freshDatabase(), OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
});
afterAll(() => collector?.close());

it.each(OWN.map((words): [string, string[]] => [words.join(' '), words]))(
  'sietch-otel %s is a command line that is understood',
  async (_line, words) => {
    const args = words.map((word) => word.replace('app.js', join(ROOT, 'test/app/hello.mjs')));
    const exit = await runApp('dist/cli/main.js', { args, env, preload: 'none' }).waitForExit(60_000);
    expect(exit.code, exit.stderr).not.toBe(2);
  },
  70_000,
);
