// OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN: where the exception of a failed attempt is recorded.
import { expect, test } from 'vitest';
import { startReceiver } from '../support/otlp.ts';
import { freshDatabase, freshRedis } from '../support/servers.ts';
import { startWebhookApp } from '../webhook/webhook-app.ts';

// process webhooks ── ERROR      event `exception`, record `messaging.process.exception`
test.each([
  ['by default', {}, true, false],
  ['logs', { OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN: 'logs' }, false, true],
  ['logs/dup', { OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN: 'logs/dup' }, true, true],
])('%s', async (_value, env, onSpan, asRecord) => {
  const receiver = await startReceiver();
  const app = await startWebhookApp({
    receiver,
    databaseUrl: await freshDatabase(),
    redisUrl: await freshRedis(),
    env: { OTEL_LOGS_EXPORTER: 'otlp', ...env },
  });
  try {
    await app.send({ id: 'evt_1', customerId: 'ctm_nobody' });
    await app.worker.waitForLine(/"evt_1".*"attempt":1/);
  } finally {
    await app.stop();
    await receiver.close();
  }
  const { spans, logs } = receiver.store;
  const failed = spans.find(({ name, status }) => name === 'process webhooks' && status.code === 'ERROR');
  const type = failed?.attributes['error.type'];
  expect(type).toEqual(expect.any(String));
  const event = expect.objectContaining({ name: 'exception', attributes: { 'exception.type': type } });
  expect(failed?.events).toEqual(onSpan ? [event] : []);
  const records = logs.filter(({ eventName, spanId }) => eventName.endsWith('.exception') && spanId === failed?.spanId);
  const record = {
    eventName: 'messaging.process.exception',
    severityNumber: 17,
    severityText: 'ERROR',
    attributes: { 'exception.type': type },
  };
  expect(records).toEqual(asRecord ? [expect.objectContaining(record)] : []);
});
