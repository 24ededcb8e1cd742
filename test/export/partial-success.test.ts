// OTLP's partial success: what the collector says of a request that it took is shown and counted, for each signal, over each encoding.
import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { createLogEncoder, createMetricEncoder, createSpanEncoder, type Encoded } from '../../src/export/encoder.js';
import { ExportQueue } from '../../src/export/export-queue.js';
import type { SendResult } from '../../src/export/sender.js';
import { runApp } from '../support/app.ts';
import { lastPoint, startReceiver } from '../support/otlp.ts';

const ENCODED: Encoded = { body: new Uint8Array(), unencodable: 0 };
const MESSAGE = 'timestamp too old';

/** Field 1 of a response: rejected as field 1, the message as field 2. */
function protobufAnswer(rejected: number): Buffer {
  const message = Buffer.from(MESSAGE);
  const partial = Buffer.concat([Buffer.from([0x08, rejected, 0x12, message.length]), message]);
  return Buffer.concat([Buffer.from([0x0a, partial.length]), partial]);
}

function jsonAnswer(field: string, rejected: string | number): Buffer {
  return Buffer.from(JSON.stringify({ partialSuccess: { [field]: rejected, errorMessage: MESSAGE } }));
}

const SIGNALS = [
  ['spans', 'rejectedSpans', 'items', createSpanEncoder],
  ['logs', 'rejectedLogRecords', 'items', createLogEncoder],
  ['metrics', 'rejectedDataPoints', 'data points', createMetricEncoder],
] as const;

test.each(SIGNALS)('%s: the number and the message are read from JSON and protobuf', (_, field, unit, create) => {
  const partial = { rejected: 3, unit, message: MESSAGE };
  expect(create(true).readAnswer(ENCODED, jsonAnswer(field, '3'))).toEqual({ status: 'sent', partial });
  expect(create(true).readAnswer(ENCODED, jsonAnswer(field, 3))).toEqual({ status: 'sent', partial });
  expect(create(false).readAnswer(ENCODED, protobufAnswer(3))).toEqual({ status: 'sent', partial });
});

test.each(SIGNALS)('%s: an empty answer, and one that is not OTLP, is a success', (_, _field, _unit, create) => {
  for (const answer of [undefined, Buffer.alloc(0), Buffer.from('<html>'), Buffer.from('{}')]) {
    expect(create(true).readAnswer(ENCODED, answer)).toEqual({ status: 'sent' });
  }
});

test('of metrics data points are counted, not exports', async () => {
  const result: SendResult = { status: 'sent', partial: { rejected: 40, unit: 'data points', message: MESSAGE } };
  const sender = {
    target: 'http://collector.test',
    holdsProcess: false,
    send: async () => result,
    handOver: () => undefined,
    shutdown: async () => {},
  };
  const limits = { items: 4, bytes: 4, batchItems: 1, exports: 1, delayMs: 0, timeoutMs: 1000 };
  const queue = new ExportQueue<string>('metric exports', sender, limits, () => 1);
  queue.add('all metrics');
  await queue.flush(5_000);
  expect(queue.sent).toBe(1);
  expect([...queue.drops.counts]).toEqual([]);
  expect([...queue.pointDrops.counts]).toEqual([['refused', 40]]);
});

test('the collector is quoted on stderr, bounded and on one line, and what it refused is in the self-metrics', async () => {
  const refuse = (response: ServerResponse) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ partialSuccess: { rejectedSpans: '1', errorMessage: `no\nroom ${'x'.repeat(5_000)}` } }));
  };
  const receiver = await startReceiver({
    handler: (request, response) => {
      if (request.url !== '/v1/traces') return false;
      request.resume().on('end', () => refuse(response));
      return true;
    },
  });
  const app = runApp('test/app/steady-spans.cjs', { receiver, env: { OTEL_METRICS_EXPORTER: 'otlp' } });
  try {
    await app.waitForLine(/SIETCH146 .*\(partial success\): \S+ refused 1 span: "no room x{100,200}"/);
    await receiver.store.waitFor(({ metrics }) => lastPoint(metrics, 'otel.sdk.exporter.span.exported', { 'error.type': 'rejected' }));
  } finally {
    await app.stop();
    await receiver.close();
  }
});
