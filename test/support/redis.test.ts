import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis as Client, Cluster } from 'ioredis';
import { afterEach, expect, test } from 'vitest';
import { runApp } from './app.ts';
import { ROOT } from './checkout.ts';
import { type Redis, type RedisOptions, startRedis } from './redis.ts';
import { findRedis } from './redis-binaries.ts';

const open: { disconnect(): void }[] = [];
const servers: Redis[] = [];
afterEach(async () => {
  for (const client of open.splice(0)) client.disconnect();
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function start(options: RedisOptions = {}): Promise<Redis> {
  const server = await startRedis({ own: true, ...options });
  servers.push(server);
  return server;
}

function connect(server: Redis, options: { commandTimeout?: number } = {}): Client {
  const client = new Client(server.url, { maxRetriesPerRequest: 1, retryStrategy: () => 50, ...options });
  client.on('error', () => {});
  open.push(client);
  return client;
}

test('a killed server refuses; restarted, it is on the same port and empty', async () => {
  const server = await start();
  const client = connect(server);
  await client.set('key', 'value');
  await server.kill();
  expect(server.pid).toBe(0);
  await expect(connect(server).ping()).rejects.toThrow();

  await server.restart();
  expect(await connect(server).get('key')).toBeNull();
  expect(server.log().match(/Ready to accept connections/g)).toHaveLength(2);
});

test('a persistent server keeps its data when it is killed', async () => {
  const server = await start({ persistent: true });
  await connect(server).set('key', 'value');
  await server.kill();
  await server.restart();
  expect(await connect(server).get('key')).toBe('value');
});

test('a paused server takes connections and answers nothing, until it is resumed', async () => {
  const server = await start();
  const client = connect(server);
  await client.ping();
  await server.pause();
  const answer = client.ping();
  expect(await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 100, 'nothing'))])).toBe('nothing');
  await server.resume();
  expect(await answer).toBe('PONG');
});

test('a full server refuses to write and reads on', async () => {
  const server = await start({ maxmemory: '3mb' });
  const client = connect(server);
  await client.set('key', 'value');
  const fill = async (): Promise<void> => {
    for (let index = 0; index < 100; index++) await client.set(`fill:${index}`, 'x'.repeat(100_000));
  };
  await expect(fill()).rejects.toThrow(/OOM/);
  expect(await client.get('key')).toBe('value');
});

test('a cluster node serves every slot', async () => {
  const server = await start({ cluster: true });
  const cluster = new Cluster([{ host: '127.0.0.1', port: server.port }]);
  open.push(cluster);
  await Promise.all(['a', 'b', 'c'].map((key) => cluster.set(key, key)));
  expect(await cluster.get('b')).toBe('b');
});

test('where there is no Redis, the error names the ways to get one', async () => {
  const empty = mkdtempSync(join(tmpdir(), 'sietch-otel-no-redis-'));
  try {
    const app = runApp('test/fixtures/start-redis.ts', {
      preload: 'none',
      env: { PATH: empty, XDG_CACHE_HOME: empty, REDIS_URL: undefined },
    });
    const { stdout } = await app.waitForExit();
    for (const way of ['REDIS_URL', 'redis-server or valkey-server on PATH', 'apt-get', 'Docker']) expect(stdout).toContain(way);
  } finally {
    rmSync(empty, { recursive: true, force: true });
  }
});

test('where there is only Docker, a container is started, paused and restarted', async () => {
  const program = await findRedis();
  if (program.kind !== 'program') throw new Error('This test needs a Redis that is no container');
  const folder = mkdtempSync(join(tmpdir(), 'sietch-otel-docker-'));
  try {
    for (const name of ['sh', 'sed', 'cat', 'rm']) symlinkSync(`/bin/${name}`, join(folder, name));
    symlinkSync(join(ROOT, 'test/fixtures/docker'), join(folder, 'docker'));
    const library = program.env['LD_LIBRARY_PATH'];
    const env = { PATH: folder, TMPDIR: folder, XDG_CACHE_HOME: folder, TEST_REDIS_SERVER: program.path, LD_LIBRARY_PATH: library };
    const { stdout } = await runApp('test/fixtures/start-redis.ts', { preload: 'none', env }).waitForExit();
    expect(stdout).toBe('started: valkey/valkey:9.0.4-alpine3.23 (Docker 99.0.0)\n');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
