// Nothing that the app stores, sends, or proves itself with leaves the process: looked for in the bytes, not in what we make of them.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { INSTALLING_MS } from '../../support/npm-packages.ts';
import { type Redis, startRedis } from '../../support/redis.ts';
import { FormsApp } from '../redis/forms-app.ts';
import { FORMS, nodeRedisPath } from './node-redis-versions.ts';

const PATIENCE = { timeout: 15_000 };
const PASSWORD = 'correct-horse-battery-staple';
const CANARY = '4111111111111111 jane@example.org hunter2hunter2';

let redis: Redis;
let sent = '';
let names = 0;
const sink = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks);
    sent += (request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString('latin1');
    names = sent.split('db.operation.name').length - 1;
    response.setHeader('content-type', request.headers['content-type'] ?? '').end('');
  });
});
beforeAll(async () => {
  redis = await startRedis({ own: true, settings: { requirepass: PASSWORD } });
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  sink.close();
  await redis?.stop();
});

test.each(['4.7.1', '5.12.1', '6.3.1'] as const)(
  'values, Lua arguments, payloads, passwords and error messages stay here: redis %s',
  async (version) => {
    sent = '';
    names = 0;
    const { port }: AddressInfo = Object.assign({ port: 0, family: '', address: '' }, sink.address());
    const env = {
      PASSWORD,
      NODE_REDIS: await nodeRedisPath(version),
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_METRICS_EXPORTER: 'prometheus,otlp',
      SIETCH_OTEL_REDIS_COMMAND_LOG: 'on',
      SIETCH_OTEL_REDIS_SLOW_MS: '1',
      SIETCH_OTEL_DB_ROOT_SPANS: 'all',
      SIETCH_OTEL_REDIS_KEY_TRACE: '*',
      OTEL_LOG_LEVEL: 'debug',
    };
    const app = await FormsApp.start(`redis://127.0.0.1:${redis.port}/3`, { env }, FORMS);
    try {
      expect((await app.run('secrets', { canary: CANARY })).result).toBe('kept');
      // Spans and records of some twenty-five commands have arrived.
      await expect.poll(() => names, PATIENCE).toBeGreaterThan(50);
      const metrics = await app.metrics();
      await app.stop();
      for (const [where, text] of Object.entries({ sent, metrics, stderr: app.app.stderr, stdout: app.app.stdout })) {
        for (const secret of [PASSWORD, ...CANARY.split(' '), 'MINE']) expect(text.includes(secret), `${secret} in ${where}`).toBe(false);
      }
    } finally {
      await app.stop();
    }
  },
  INSTALLING_MS,
);
