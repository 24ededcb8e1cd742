// SIETCH_OTEL_COMPAT=0.1: what has been renamed has its old names.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { isQuery, lastPoint, type Receiver, startReceiver } from '../support/otlp.ts';
import { freshDatabase, freshRedis } from '../support/servers.ts';
import { startWebhookApp, type WebhookApp } from '../webhook/webhook-app.ts';

let receiver: Receiver;
let app: WebhookApp;

beforeAll(async () => {
  receiver = await startReceiver();
  app = await startWebhookApp({
    receiver,
    databaseUrl: await freshDatabase(),
    redisUrl: await freshRedis(),
    env: { SIETCH_OTEL_COMPAT: '0.1', OTEL_METRICS_EXPORTER: 'otlp', OTEL_METRIC_EXPORT_INTERVAL: '200' },
  });
  await app.send({ id: 'evt_1' });
  await app.worker.waitForLine(/"evt_1".*"webhook processed"/);
  await receiver.store.waitFor(() => (receiver.store.spans.some(({ name }) => name === 'process webhooks') ? true : undefined));
});
afterAll(async () => {
  await app?.stop();
  await receiver?.close();
});

test('spans', () => {
  const { spans } = receiver.store;
  const queries = spans.filter(isQuery);
  expect(queries.length).toBeGreaterThan(0);
  for (const { name, attributes } of queries)
    expect(name).toBe(`pg.query:${attributes['db.operation.name']} ${attributes['db.namespace']}`);
  expect(spans.find(({ name }) => name === 'send webhooks')?.attributes['messaging.operation.name']).toBe('add');
});

test('metrics and their attributes', async () => {
  const calls = { name: 'paddle', outcome: 'success' };
  await eventually('the calls of the breaker', () => lastPoint(receiver.store.metrics, 'sietch.circuit_breaker.calls', calls)?.value === 1);
  await eventually('the size of the pool', () => lastPoint(receiver.store.metrics, 'db.client.connection.max') !== undefined);
  expect(lastPoint(receiver.store.metrics, 'db.client.connection.limit')).toBeUndefined();
  expect(receiver.store.metrics.find(({ name }) => name === 'sietch.circuit_breaker.failure_rate')?.unit).toBe('');
});
