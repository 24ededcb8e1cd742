// The stream of marks in a Redis: where reading goes on when the stream was gone, and entries that
// are not ours.
import { Redis as Client } from 'ioredis';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RedisClient } from '../../../src/integrations/queue/bullmq-module.js';
import { MarkStream } from '../../../src/integrations/queue/mark-stream.js';
import { OwnConnections } from '../../../src/integrations/queue/own-connections.js';
import { type Redis, startRedis } from '../../support/redis.ts';

const ID = 'a'.repeat(32);
const OTHER = 'b'.repeat(32);
const KEY = 'bull:sietch-otel:kept';

let redis: Redis;
let client: Client;
let connections: OwnConnections;

beforeEach(async () => {
  redis = await startRedis();
  client = new Client(redis.url);
  connections = new OwnConnections();
});
afterEach(async () => {
  connections.close();
  await client.del(KEY);
  client.disconnect();
  await redis.stop();
});

/** As an adapter of BullMQ gives a client. */
function adapted(inner: Client): RedisClient {
  return {
    options: { ...inner.options },
    duplicate: () => adapted(inner.duplicate()),
    defineCommand: (name, definition) => inner.defineCommand(name, definition),
    async runCommand(name, args) {
      const command: unknown = Reflect.get(inner, name);
      return typeof command === 'function' ? command.call(inner, args) : undefined;
    },
    disconnect: () => inner.disconnect(),
    on: () => {},
  };
}

test('marks are read after the stream was gone, though the clock of Redis was set back meanwhile', async () => {
  const stream = new MarkStream(connections, adapted(client), 'bull');
  await client.xadd(KEY, `${Date.now() + 3_600_000}-0`, 't', ID);
  expect(await stream.read()).toEqual([ID]);
  expect(await stream.read()).toEqual([]);
  await client.del(KEY);
  expect(await stream.read()).toEqual([]);
  await stream.write([OTHER]);
  expect(await stream.read()).toEqual([OTHER]);
});

test('what others have written there is passed over', async () => {
  const stream = new MarkStream(connections, adapted(client), 'bull');
  for (const text of ['', 'x', ID.toUpperCase(), 'a'.repeat(33), 'z'.repeat(1_000_000)])
    await client.xadd(KEY, '*', 'other', text, 'more', '1');
  await stream.write([ID, OTHER]);
  expect(await stream.read()).toEqual([ID, OTHER]);
  await client.del(KEY);
  await client.set(KEY, 'not a stream');
  await expect(stream.read()).rejects.toThrow();
});
