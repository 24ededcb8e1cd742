// A correlation id goes with the work: from the request through the queue to the worker's span and log lines.
import { expect, test } from 'vitest';
import { spanNamed, startReceiver } from '../support/otlp.ts';
import { freshRedis } from '../support/servers.ts';
import { runWebApp } from '../support/web-app.ts';

test('x-trace-id: order-12 is on the spans that enter the process, and in the lines of the worker', async () => {
  const receiver = await startReceiver();
  const { app, ask } = await runWebApp('test/app/queue-service.cjs', { receiver, env: { REDIS_URL: await freshRedis() } });
  const answer = await ask('/', { headers: { 'x-trace-id': 'order-12' } });
  const traceId = String(answer.headers['x-trace-id']);
  // GET                   SERVER      sietch.correlation_id: order-12
  //   send webhooks       PRODUCER
  //     process webhooks  CONSUMER    sietch.correlation_id: order-12
  const spans = await receiver.store.waitForTrace(traceId, (arrived) => arrived.some((span) => span.kind === 'CONSUMER'));
  const [line] = await app.waitForLine(/^.*"msg":"job".*$/);
  await app.stop();
  await receiver.close();

  const consumer = spanNamed(spans, 'process webhooks');
  expect(Object.fromEntries(spans.map((span) => [span.kind, span.attributes['sietch.correlation_id']]))).toMatchObject({
    SERVER: 'order-12',
    PRODUCER: undefined,
    CONSUMER: 'order-12',
  });
  expect(JSON.parse(line)).toMatchObject({ trace_id: traceId, span_id: consumer.spanId, correlation_id: 'order-12' });
});
