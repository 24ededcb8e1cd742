import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis as Client } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AppOptions, type Exit, runApp } from '../support/app.ts';
import { startCluster } from '../support/redis-cluster.ts';
import { freshRedis } from '../support/servers.ts';

const TRACE = 'a'.repeat(32);
const SPAN = 'b'.repeat(16);
let url: string;
let client: Client;
beforeAll(async () => {
  url = await freshRedis();
  client = new Client(url);
  await client.set('trace:{user:42}', `00-${TRACE}-${SPAN}-01`);
});
afterAll(() => client?.disconnect());

function run(args: readonly string[], options: AppOptions = {}): Promise<Exit> {
  return runApp('dist/cli/main.js', { preload: 'none', ...options, args: ['whowrote', ...args] }).waitForExit();
}

test('says which trace wrote a key', async () => {
  expect(await run(['user:42', '--url', url])).toEqual({
    code: 0,
    signal: null,
    stdout: `"user:42" was written in trace ${TRACE}, span ${SPAN}.\n`,
    stderr: '',
  });
  const json = await run(['user:42', '--json'], { env: { REDIS_URL: url } });
  expect(JSON.parse(json.stdout)).toEqual({
    key: 'user:42',
    writer: { traceId: TRACE, spanId: SPAN, traceparent: `00-${TRACE}-${SPAN}-01` },
  });
});

test('says when nothing is known', async () => {
  expect(await run(['other', '--url', url])).toMatchObject({ code: 1, stdout: 'Nothing is known of who wrote "other".\n', stderr: '' });
});

test('asks a cluster through any of its nodes', async () => {
  const cluster = await startCluster();
  try {
    const owner = new Client(await cluster.portOf('user:42'), '127.0.0.1');
    await owner.set('trace:{user:42}', `00-${TRACE}-${SPAN}-01`);
    owner.disconnect();
    const exits = await Promise.all(cluster.ports.map((port) => run(['user:42', '--url', `redis://127.0.0.1:${port}`])));
    for (const exit of exits) expect(exit).toMatchObject({ code: 0, stdout: expect.stringContaining(TRACE), stderr: '' });
  } finally {
    await cluster.stop();
  }
});

test('a server that cannot be asked is named without its password', async () => {
  const exit = await run(['user:42', '--url', 'redis://someone:secret@127.0.0.1:1']);
  expect(exit).toMatchObject({ code: 1, stdout: '', stderr: 'sietch-otel: redis://***@127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1\n' });
});

test('without ioredis it says what to do', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sietch-otel-whowrote-'));
  const exit = await run(['user:42', '--url', url], { cwd: folder });
  rmSync(folder, { recursive: true });
  expect(exit).toMatchObject({ code: 1, stdout: '' });
  expect(exit.stderr).toMatch(/needs the package ioredis: npm install ioredis, in the folder of the app, or run this there: .* has none/);
});

test.each([[[]], [['a', 'b']], [['a', '--url', 'http://x']], [['a', '--frob']]])('a wrong command line %j', async (args) => {
  expect(await run(args)).toMatchObject({ code: 2, stdout: '' });
});

test('--help', async () => {
  expect(await run(['--help'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Usage: sietch-otel whowrote/), stderr: '' });
});
