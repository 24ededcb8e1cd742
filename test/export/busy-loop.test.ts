// Spans and log records that end in every turn of a busy event loop, which reads the answers of the collector a turn or two late: all of them arrive.
//
//   turn 1   400 spans
//   turn 2   400 spans ─► export 1, of 512, and a connection for it
//   turn 3   400 spans ─► export 2      its answer has not been read: with one export at a time, more spans would end than leave
//   turn 4   400 spans ─► export 3      …
import { expect, test } from 'vitest';
import { readTelemetry } from '../../src/view/otlp-telemetry.js';
import { runApp } from '../support/app.ts';
import { freePort } from '../support/ports.ts';

const TURNS = 25;
const EACH = 400;

test.each([
  ['spans', 'traces'],
  ['logs', 'logs'],
] as const)('%s', async (what, signal) => {
  const port = await freePort();
  const app = runApp('test/app/every-turn.cjs', {
    args: [what, String(port), String(TURNS), String(EACH)],
    receiver: { url: `http://127.0.0.1:${port}` },
    // Of requests to the collector it is to make no spans.
    env: {
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'http',
      OTEL_TRACES_EXPORTER: what === 'spans' ? 'otlp' : 'none',
      OTEL_LOGS_EXPORTER: what === 'logs' ? 'otlp' : 'none',
      OTEL_METRICS_EXPORTER: 'none',
    },
  });
  const bodies = await app.waitForMessage((message) => (Array.isArray(message) ? message.map(String) : undefined));
  const { stderr } = await app.waitForExit();
  const received = bodies.map((body) => readTelemetry(signal, 'protobuf', Buffer.from(body, 'base64')));
  expect(received.reduce((sum, { spans, logs }) => sum + spans.length + logs.length, 0)).toBe(TURNS * EACH);
  expect(Math.max(...received.map(({ spans, logs }) => spans.length + logs.length))).toBeLessThanOrEqual(512);
  expect(stderr).not.toMatch(/SIETCH\d+/);
});
