// A stack that is in use: NestJS on Fastify, Kysely on postgres.js, cache-manager on node-redis, BullMQ, nestjs-pino, in the versions of Docmost 0.95.
// One request is one whole trace, with every statement and every cache access in it, to the end of its job.
import { copyFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cacheDirectory } from '../support/cache.ts';
import { ROOT } from '../support/checkout.ts';
import { INSTALLING_MS, installedPackages } from '../support/npm-packages.ts';
import { allText, type Receiver, type SpanNode, spanTree, startReceiver } from '../support/otlp.ts';
import { freshDatabase, freshRedis } from '../support/servers.ts';
import { runWebApp } from '../support/web-app.ts';

const PACKAGES = {
  '@keyv/redis': '5.1.6',
  '@nestjs/bullmq': '11.0.5',
  '@nestjs/cache-manager': '3.1.3',
  '@nestjs/common': '11.2.1',
  '@nestjs/core': '11.2.1',
  '@nestjs/platform-fastify': '11.2.1',
  '@redis/client': '5.11.0',
  bullmq: '5.79.0',
  'cache-manager': '7.2.8',
  fastify: '5.11.3',
  ioredis: '5.10.1',
  keyv: '5.6.0',
  kysely: '0.28.17',
  'kysely-postgres-js': '3.0.0',
  'nestjs-cls': '6.2.0',
  'nestjs-kysely': '3.1.2',
  'nestjs-pino': '4.6.1',
  pino: '10.1.0',
  'pino-http': '11.0.0',
  postgres: '3.4.8',
  'reflect-metadata': '0.2.2',
  rxjs: '7.8.2',
};

let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

const leaf = (name: string, kind: SpanNode['kind'], ...children: SpanNode[]): SpanNode => ({ name, kind, status: 'UNSET', children });

const command = (name: string) => leaf(name, 'CLIENT');
const query = (operation: string) => leaf(expect.stringMatching(new RegExp(`^${operation}\\b`)), 'CLIENT');

// POST /api/pages/:slug                            SERVER, PagesController.create
// ├─ connect, get                                  CLIENT     the cache's client, at its first use; the space is not in the cache
// ├─ SELECT …                                      CLIENT
// ├─ set                                           CLIENT
// ├─ BEGIN, DELETE …, INSERT …, COMMIT             CLIENT
// └─ send general                                  PRODUCER
//    └─ process general                            CONSUMER
//       ├─ UPDATE …                                CLIENT
//       └─ unlink                                  CLIENT     the page's key
const created = leaf(
  'POST /api/pages/:slug',
  'SERVER',
  command('connect'),
  command('get'),
  query('SELECT'),
  command('set'),
  query('BEGIN'),
  query('DELETE'),
  query('INSERT'),
  query('COMMIT'),
  leaf('send general', 'PRODUCER', leaf('process general', 'CONSUMER', query('UPDATE'), command('unlink'))),
);

async function runStack(preload: 'require' | 'none') {
  const modules = await installedPackages(join(cacheDirectory('nest'), 'docmost-0.95.0'), PACKAGES);
  const file = join(dirname(modules), 'nest-stack.cjs');
  copyFileSync(join(ROOT, 'test/app/nest-stack.cjs'), file);
  const env = { REDIS_URL: await freshRedis(), DATABASE_URL: await freshDatabase() };
  return runWebApp(file, { receiver, env, preload }, 120_000);
}

/** Creates a page, waits for its job, and reads it twice. */
async function usePages({ app, ask }: Awaited<ReturnType<typeof runStack>>) {
  const create = await ask('/api/pages/one', { method: 'POST' });
  const lines = [await app.waitForLine(/^.*"msg":"stored".*$/), await app.waitForLine(/^.*"msg":"indexed".*$/)];
  const read = [await ask('/api/pages/one'), await ask('/api/pages/one')];
  return { create, read, lines: lines.map(([line]) => line) };
}

test('one request is one whole trace', { timeout: INSTALLING_MS }, async () => {
  const stack = await runStack('require');
  try {
    const { create, read, lines } = await usePages(stack);
    expect([create, ...read].map(({ status }) => status)).toEqual([201, 200, 200]);
    const traceId = String(create.headers['x-trace-id']);
    const spans = await receiver.store.waitForTrace(traceId, (arrived) => arrived.some(({ name }) => name === 'process general'));
    expect(spanTree(spans)).toEqual([created]);
    const root = spans.find(({ kind }) => kind === 'SERVER');
    expect(root?.attributes).toMatchObject({ 'http.route': '/api/pages/:slug', 'code.function.name': 'PagesController.create' });
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ trace_id: traceId });
    expect(allText(receiver.store)).not.toContain('41111111');
  } finally {
    await stack.app.stop();
  }
});

test('its answers are those of the app without us', { timeout: INSTALLING_MS }, async () => {
  const answersOf = async (preload: 'require' | 'none') => {
    const stack = await runStack(preload);
    try {
      const { create, read } = await usePages(stack);
      return [create, ...read].map(({ status, headers, body }) => ({ status, headers: { ...headers, date: '', 'x-trace-id': '' }, body }));
    } finally {
      await stack.app.stop();
    }
  };
  expect(await answersOf('require')).toEqual(await answersOf('none'));
});
