// What only starts others is not observed, and an installed program does not give the app its name.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { isLauncher } from '../../src/node/launchers.js';
import { type App, preloadArgs, runApp } from '../support/app.ts';
import { freePort } from '../support/ports.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function makeFolder(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'sietch-otel-launchers-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

test.for([
  '/usr/bin/npm',
  '/usr/lib/node_modules/npm/bin/npm-cli.js',
  '/usr/share/nodejs/npm/bin/npx-cli.js',
  'C:\\Program Files\\nodejs\\node_modules\\npm\\bin\\npm-cli.js',
  '/usr/lib/node_modules/corepack/dist/pnpm.js',
  '/opt/yarn-v1.22.22/bin/yarn.js',
  '/app/.yarn/releases/yarn-4.5.0.cjs',
  '/home/app/.cache/node/corepack/v1/pnpm/10.1.0/bin/pnpm.cjs',
  '/app/node_modules/.bin/tsx',
  '/app/node_modules/tsx/dist/cli.mjs',
  '/app/node_modules/nodemon/bin/nodemon.js',
  '/app/node_modules/concurrently/dist/bin/concurrently.js',
  '/app/node_modules/pm2/lib/Daemon.js',
  '/app/node_modules/.bin/sietch-otel',
  '/app/node_modules/@sietch/otel/dist/cli/main.js',
])('%s only starts others', (script) => {
  expect(isLauncher(script, [])).toBe(true);
});

test.for([
  undefined,
  '/app/server.js',
  '/app/npm/server.js',
  '/srv/yarn/index.js',
  '/app/node_modules/.bin/medusa',
  '/app/node_modules/ts-node-dev/lib/wrap.js',
  '/app/node_modules/pm2/lib/ProcessContainerFork.js',
  '/app/node_modules/.bin/ts-node',
  '/app/node_modules/vitest/vitest.mjs',
])('%s is an app', (script) => {
  expect(isLauncher(script, [])).toBe(false);
});

test('node --test coordinates; with tests in its own process it is the app', () => {
  expect(isLauncher('/app/a.test.js', ['--test'])).toBe(true);
  expect(isLauncher('/app/a.test.js', ['--test', '--test-isolation=none'])).toBe(false);
});

const bannersOf = (stderr: string): string[] => [...stderr.matchAll(/service "([^"]+)"/g)].map(([, name = '']) => name);

test('npm start under NODE_OPTIONS: the app alone is observed, and has the port', async () => {
  const folder = makeFolder({
    'package.json': '{"name":"shop","version":"1.2.3","scripts":{"start":"npm run serve","serve":"node app.cjs"}}',
    'app.cjs': 'setTimeout(() => {}, 500);',
  });
  const env = { NODE_OPTIONS: preloadArgs().join(' '), OTEL_EXPORTER_PROMETHEUS_PORT: String(await freePort()) };
  const npm = makeFolder({
    'npm.cjs':
      "require('node:child_process').spawnSync('npm', ['start'], { stdio: 'inherit', env: { ...process.env, NODE_OPTIONS: process.env.APP_OPTIONS } });",
  });
  const app = runApp(join(npm, 'npm.cjs'), {
    preload: 'none',
    cwd: folder,
    env: { ...env, NODE_OPTIONS: undefined, APP_OPTIONS: env.NODE_OPTIONS },
  });
  const { stderr } = await app.waitForExit();
  expect(bannersOf(stderr)).toEqual(['shop 1.2.3']);
  expect(stderr).not.toContain('SIETCH020');
});

test.for(['node_modules/@framework/cli/bin.js', 'node_modules/.bin/framework', 'linked/framework'])(
  'behind %s the service is the app',
  async (script) => {
    const folder = makeFolder({
      'package.json': '{"name":"shop","version":"1.2.3"}',
      'node_modules/@framework/cli/package.json': '{"name":"@framework/cli","version":"9.9.9"}',
      'node_modules/@framework/cli/bin.js': '',
    });
    for (const link of ['node_modules/.bin', 'linked']) {
      mkdirSync(join(folder, link));
      symlinkSync(join(folder, 'node_modules/@framework/cli/bin.js'), join(folder, link, 'framework'));
    }
    const { stderr } = await runApp(join(folder, script), { cwd: folder }).waitForExit();
    expect(bannersOf(stderr)).toEqual(['shop 1.2.3']);
  },
);

/** Waits for its endpoint, then starts another of its kind. */
const PARENT = `
const metrics = process.env.OTEL_EXPORTER_PROMETHEUS_PORT;
const ask = () => require('node:http').get({ port: metrics, path: '/metrics' }, (response) => {
  response.resume();
  const child = require('node:child_process').spawn('sh', ['-c', 'node child.cjs; exit 0'], { stdio: 'inherit', env: process.env });
  child.on('exit', () => { console.log('child ended'); if (process.argv[2] !== 'stay') process.exit(0); });
}).on('error', () => setTimeout(ask, 50));
ask();
setInterval(() => {}, 1000);
`;
const FILES = { 'package.json': '{"name":"shop"}', 'parent.cjs': PARENT, 'child.cjs': 'setTimeout(() => {}, 2_000);' };

function startParent(folder: string, port: number, args: readonly string[] = []): App {
  const env = { OTEL_EXPORTER_PROMETHEUS_PORT: String(port), NODE_OPTIONS: preloadArgs().join(' ') };
  return runApp(join(folder, 'parent.cjs'), { preload: 'none', cwd: folder, args, env });
}

test("a child that finds its parent's metrics port taken says nothing; a stranger does", async () => {
  const folder = makeFolder(FILES);
  const port = await freePort();
  const parent = startParent(folder, port, ['stay']);
  await parent.waitForLine(/^child ended$/);
  expect(parent.stderr).not.toContain('SIETCH020');
  const stranger = runApp(join(folder, 'child.cjs'), { cwd: folder, env: { OTEL_EXPORTER_PROMETHEUS_PORT: String(port) } });
  expect((await stranger.waitForExit()).stderr).toContain('SIETCH020');
  // Left by a process that has ended, as PM2's daemon may have it from the shell of a deployment.
  const left = { OTEL_EXPORTER_PROMETHEUS_PORT: String(port), SIETCH_OTEL_PARENT_ENDPOINT: `${stranger.pid}:${port}` };
  expect((await runApp(join(folder, 'child.cjs'), { cwd: folder, env: left }).waitForExit()).stderr).toContain('SIETCH020');
  await parent.stop();
});
