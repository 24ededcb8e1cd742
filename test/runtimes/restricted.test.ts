// Processes that may do little: an unknown user without a home, a file system that nobody may write, node --permission. The app runs as it does bare, its telemetry arrives, and
// one line at most says what could not be done.
import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { isRoot } from '../support/cache.ts';
import { type NodeMajor, nodeBinary } from '../support/node-versions.ts';
import { INSTALLING_MS } from '../support/npm-packages.ts';
import { type Receiver, spanTree, startReceiver } from '../support/otlp.ts';
import { packPackage } from '../support/packed-package.ts';
import { needsRight } from '../support/requirements.ts';

const run = promisify(execFile);
/** Nobody on this machine, as users of distroless images are to the machine they run on. */
const UNKNOWN_USER = 65_532;

const SERVER = `http.createServer((_request, response) => response.end('ok')).listen(0, '127.0.0.1', async function () {
  console.log(await (await fetch('http://127.0.0.1:' + this.address().port)).text());
  // Longer than the delay of an export: what may be lost at the end is another matter.
  setTimeout(() => this.close(), 400);
});\n`;

let app: string;
beforeAll(async () => {
  // Below /var/tmp, since the temporary folder of a user may be closed to others.
  app = mkdtempSync('/var/tmp/sietch-otel-restricted-');
  writeFileSync(join(app, 'package.json'), '{ "name": "shop" }');
  const tarball = await packPackage(app);
  await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-save', '--prefer-offline', tarball], { cwd: app });
  await rm(tarball);
  writeFileSync(join(app, 'app.cjs'), `const http = require('node:http');\n${SERVER}`);
  writeFileSync(join(app, 'app.mjs'), `import http from 'node:http';\n${SERVER}`);
  writeFileSync(join(app, 'exit.cjs'), `const http = require('node:http');\n${SERVER.replace('this.close()', 'process.exit()')}`);
  writeFileSync(join(app, 'alone.cjs'), "setTimeout(() => console.log('ok'), 300);\n");
  chmodSync(app, 0o755);
}, INSTALLING_MS);
afterAll(() => rm(app, { recursive: true, force: true }));

let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

interface Restricted {
  readonly node?: string;
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Put before the command. */
  readonly within?: readonly string[];
  readonly uid?: number;
}

/** What the app prints, and what our lines are. No variable but those given: no PATH, no HOME. */
async function start(file: string, { node = process.execPath, flags = [], env = {}, within = [], uid }: Restricted, isPreloaded = true) {
  const preload = isPreloaded ? ['--require', '@sietch/otel/register'] : [];
  const [command = '', ...args] = [...within, node, ...flags, ...preload, join(app, file)];
  const settings = {
    SIETCH_OTEL_BANNER: 'off',
    OTEL_BSP_SCHEDULE_DELAY: '50',
    OTEL_EXPORTER_PROMETHEUS_PORT: '0',
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    ...env,
  };
  const { stdout, stderr } = await run(command, args, { cwd: app, env: settings, timeout: 60_000, ...(uid && { uid, gid: uid }) });
  return { stdout, own: stderr.split('\n').filter((line) => line.includes('[sietch-otel]')) };
}

// GET       CLIENT
// └─ GET    SERVER
const TRACE = [
  { name: 'GET', kind: 'CLIENT', status: 'UNSET', children: [{ name: 'GET', kind: 'SERVER', status: 'UNSET', children: [] }] },
];

async function expectWhole(file: string, restricted: Restricted): Promise<void> {
  expect(await start(file, restricted)).toEqual({ stdout: 'ok\n', own: [] });
  expect(spanTree(receiver.store.spans)).toEqual(TRACE);
}

const root = await needsRight('The right to become another user', async () => {
  if (!isRoot()) throw new Error('Run the tests as root.');
});

test.each(['app.cjs', 'app.mjs'])('%s as a user without a name, a home, a shell or a place to write: not a line', root, async (file) => {
  await expectWhole(file, { uid: UNKNOWN_USER });
  receiver.store.clear();
  await expectWhole(file, { uid: UNKNOWN_USER, env: { HOME: '/nonexistent', XDG_CACHE_HOME: join(app, 'cache') } });
});

test('a folder for the code cache that this user cannot write, named in the variable: one line', root, async () => {
  const cache = join(app, 'named');
  const { stdout, own } = await start('app.cjs', { uid: UNKNOWN_USER, env: { SIETCH_OTEL_CODE_CACHE: cache } });
  expect(stdout).toBe('ok\n');
  expect(own).toEqual([expect.stringMatching(/^\[sietch-otel\] warn SIETCH141 SIETCH_OTEL_CODE_CACHE is not used: .*EACCES/)]);
});

/** A mount namespace whose file systems are read-only. */
const READ_ONLY = [
  '/usr/bin/unshare',
  '--mount',
  '--propagation',
  'private',
  '/bin/sh',
  '-c',
  'mount -o remount,bind,ro / && exec "$@"',
  'sh',
];
const readOnly = await needsRight('The right to a read-only file system', async () => {
  const [command = '', ...args] = READ_ONLY;
  const isReadOnly = `! touch '${join(tmpdir(), 'sietch-otel-read-only')}' 2> /dev/null`;
  await run(command, [...args, '/bin/sh', '-c', isReadOnly], { env: { PATH: '/usr/bin:/bin' } });
});

test.each(['app.cjs', 'app.mjs'])(
  '%s on a read-only file system: not a line; one where the code cache has a place there',
  readOnly,
  async (file) => {
    const env = { PATH: '/usr/bin:/bin' };
    await expectWhole(file, { within: READ_ONLY, env });
    const cache = { ...env, SIETCH_OTEL_CODE_CACHE: join(app, 'cache') };
    const { stdout, own } = await start(file, { within: READ_ONLY, env: cache });
    expect(stdout).toBe('ok\n');
    expect(own).toEqual([expect.stringMatching(/^\[sietch-otel\] warn SIETCH141 .*EROFS/)]);
  },
);

describe('node --permission, the folder of the app alone may be read', () => {
  const permissions = (major: NodeMajor, ...more: string[]) => [
    major === '20' ? '--experimental-permission' : '--permission',
    `--allow-fs-read=${app}/*`,
    ...more,
  ];

  test.each(['app.cjs', 'app.mjs'])('%s on Node 26 with --allow-net', { timeout: INSTALLING_MS }, async (file) => {
    await expectWhole(file, { node: await nodeBinary('26'), flags: permissions('26', '--allow-net') });
  });

  test('on Node 26 without: the app alone, and one line; bare it is the same', { timeout: INSTALLING_MS }, async () => {
    const restricted = { node: await nodeBinary('26'), flags: permissions('26') };
    const bare = await start('alone.cjs', restricted, false);
    const { stdout, own } = await start('alone.cjs', restricted);
    expect(stdout).toBe(bare.stdout);
    expect(own).toEqual([
      '[sietch-otel] error SIETCH208 nothing is observed, since telemetry could not leave the process: node runs with --permission and without --allow-net Remedy: add --allow-net, or do not preload @sietch/otel/register',
    ]);
  });

  test('on Node 20: a CommonJS app is observed; an ES module needs --allow-worker, which the line says', {
    timeout: INSTALLING_MS,
  }, async () => {
    const node = await nodeBinary('20');
    await expectWhole('app.cjs', { node, flags: permissions('20') });
    const { stdout, own } = await start('app.mjs', { node, flags: permissions('20') });
    expect(stdout).toBe('ok\n');
    expect(own).toEqual([expect.stringMatching(/^\[sietch-otel\] error SIETCH011 .* Remedy: allow worker threads: --allow-worker /)]);
    receiver.store.clear();
    await expectWhole('app.mjs', { node, flags: permissions('20', '--allow-worker') });
  });

  test('process.exit() sends what is left by a worker thread: without --allow-worker one line', { timeout: INSTALLING_MS }, async () => {
    const restricted = { env: { OTEL_BSP_SCHEDULE_DELAY: '60000' }, node: await nodeBinary('20') };
    await expectWhole('app.cjs', { ...restricted, flags: permissions('20') });
    receiver.store.clear();
    const { stdout, own } = await start('exit.cjs', { ...restricted, flags: permissions('20') });
    expect({ stdout, own }).toEqual({ stdout: 'ok\n', own: [expect.stringContaining('SIETCH096')] });
    await expectWhole('exit.cjs', { ...restricted, flags: permissions('20', '--allow-worker') });
  });
});
