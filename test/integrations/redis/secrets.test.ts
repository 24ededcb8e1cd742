// Nothing that the app stores, sends, or proves itself with leaves the process: looked for in the bytes, not in what we make of them.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Redis, startRedis } from '../../support/redis.ts';
import { FormsApp } from './forms-app.ts';

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
    response
      .setHeader('content-type', request.headers['content-type'] ?? '')
      .end(request.headers['content-type']?.includes('json') ? '{}' : '');
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

function sinkUrl(): string {
  const { port }: AddressInfo = Object.assign({ port: 0, family: '', address: '' }, sink.address());
  return `http://127.0.0.1:${port}`;
}

test.each([['http/json'], ['http/protobuf']])(
  'values, Lua arguments, payloads, passwords and error messages stay here: %s',
  async (protocol) => {
    sent = '';
    names = 0;
    const app = await FormsApp.start(`redis://:${PASSWORD}@127.0.0.1:${redis.port}/3`, {
      env: {
        PASSWORD,
        OTEL_EXPORTER_OTLP_ENDPOINT: sinkUrl(),
        OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
        OTEL_METRICS_EXPORTER: 'prometheus,otlp',
        SIETCH_OTEL_REDIS_COMMAND_LOG: 'on',
        SIETCH_OTEL_REDIS_SLOW_MS: '1',
        SIETCH_OTEL_DB_ROOT_SPANS: 'all',
        SIETCH_OTEL_REDIS_KEY_TRACE: '*',
        OTEL_LOG_LEVEL: 'debug',
      },
    });
    try {
      expect((await app.run('secrets', { canary: CANARY })).result).toBe('kept');
      // Spans and records of some thirty commands have arrived.
      await expect.poll(() => names, PATIENCE).toBeGreaterThan(60);
      const all = { sent, metrics: await app.metrics(), stderr: app.app.stderr, stdout: app.app.stdout };
      await app.stop();
      for (const [where, text] of Object.entries({ ...all, sent })) {
        for (const secret of [PASSWORD, ...CANARY.split(' '), 'MINE']) expect(text.includes(secret), `${secret} in ${where}`).toBe(false);
      }
    } finally {
      await app.stop();
    }
  },
);
