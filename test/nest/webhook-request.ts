// One webhook through test/app/nest-service.cjs, and what must be seen of it.
import { expect } from 'vitest';
import { type Receiver, type SpanNode, spanTree } from '../support/otlp.ts';
import { freshDatabase, freshRedis } from '../support/servers.ts';
import { runWebApp } from '../support/web-app.ts';

export const NEST_PACKAGES = {
  '@nestjs/bullmq': '12.0.0',
  '@nestjs/common': '11.2.10',
  '@nestjs/core': '11.2.10',
  '@nestjs/platform-express': '11.2.10',
  '@nestjs/typeorm': '12.0.2',
  bullmq: '5.81.5',
  ioredis: '5.11.1',
  'nestjs-pino': '5.2.1',
  pg: '8.23.1',
  pino: '10.4.0',
  'pino-http': '11.0.0',
  'reflect-metadata': '0.2.2',
  rxjs: '7.8.2',
  typeorm: '0.3.27',
};

const leaf = (name: string, kind: SpanNode['kind'], ...children: SpanNode[]): SpanNode => ({ name, kind, status: 'UNSET', children });
const query = (operation: string) => leaf(expect.stringMatching(new RegExp(`^${operation}\\b`)), 'CLIENT');

// POST /webhooks/:provider         SERVER
// ├─ START, INSERT …, COMMIT     CLIENT   TypeORM's save()
// └─ send webhooks                 PRODUCER
//    └─ process webhooks           CONSUMER
//       └─ UPDATE …              CLIENT
const request = leaf(
  'POST /webhooks/:provider',
  'SERVER',
  query('START'),
  query('INSERT'),
  query('COMMIT'),
  leaf('send webhooks', 'PRODUCER', leaf('process webhooks', 'CONSUMER', query('UPDATE'))),
);

/** Sends it to the program `file`, and expects its trace and its log lines. */
export async function expectWebhook(file: string, node: string, receiver: Receiver): Promise<void> {
  const env = { REDIS_URL: await freshRedis(), DATABASE_URL: await freshDatabase() };
  const { app, ask } = await runWebApp(file, { receiver, env, node }, 120_000);
  try {
    const answer = await ask('/webhooks/paddle', { method: 'POST' });
    expect(answer).toMatchObject({ status: 202, body: '{"accepted":true}' });
    await app.waitForLine(/"msg":"processed"/);
    const traceId = String(answer.headers['x-trace-id']);
    const spans = await receiver.store.waitForTrace(traceId, (arrived) => arrived.some(({ name }) => name === 'process webhooks'));
    expect(spanTree(spans)).toEqual([request]);
    for (const message of ['stored', 'processed']) {
      const [line] = await app.waitForLine(new RegExp(`^.*"msg":"${message}".*$`));
      expect(JSON.parse(line)).toMatchObject({ trace_id: traceId });
    }
  } finally {
    await app.stop();
  }
}
