// A collector that is away, hangs, refuses or pushes back, while the app makes more spans than fit: memory stays bounded, what is lost is counted,
// and when the collector comes back so do the spans.
import type { IncomingMessage } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { readTelemetry } from '../../src/view/otlp-telemetry.js';
import { type App, runApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { type Receiver, type ReceiverOptions, startReceiver } from '../support/otlp.ts';
import { freePort } from '../support/ports.ts';

const apps: App[] = [];
const receivers: Receiver[] = [];
afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.stop()));
  await Promise.all(receivers.splice(0).map((receiver) => receiver.close()));
});

const PROCESSED = 'otel_sdk_processor_span_processed';
const EXPORTED = 'otel_sdk_exporter_span_exported';
const QUEUE = 2048;
const BATCH = 512;
const MOST_EXPORTS = 4;
const MADE = 20_000;
/** 20,000 spans of 2 KB would be over 40 MB. */
const SPAN_BYTES = 2000;

async function startApp(port: number, env: Readonly<Record<string, string>> = {}): Promise<App> {
  const app = runApp('test/app/exit-load.cjs', {
    nodeArgs: ['--expose-gc'],
    receiver: { url: `http://127.0.0.1:${port}` },
    env: { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf', ...env },
  });
  apps.push(app);
  await app.waitForMessage((message) => message === 'ready' || undefined);
  return app;
}

async function startCollector(options: ReceiverOptions = {}): Promise<Receiver> {
  const receiver = await startReceiver(options);
  receivers.push(receiver);
  return receiver;
}

/** Makes the app end spans; the heap it holds afterwards. */
async function load(app: App, spans: number, bytes = SPAN_BYTES): Promise<number> {
  const before = app.messages.length;
  app.send({ spans, bytes });
  return app.waitForMessage((message) => {
    if (app.messages.indexOf(message) < before) return undefined;
    return typeof message === 'object' && message !== null && 'heapMB' in message ? Number(message.heapMB) : undefined;
  });
}

/** One of our own metrics, from /metrics: all its series, or those with that text in their labels. */
async function metric(app: App, name: string, labels = ''): Promise<number> {
  const [, url = ''] = await app.waitForLine(/metrics to (http\S+\/metrics)/);
  const text = await (await fetch(url)).text();
  const values = text
    .split('\n')
    .filter((line) => (line.startsWith(`${name}{`) || line.startsWith(`${name}_total{`)) && line.includes(labels))
    .map((line) => Number(line.split(' ')[1]));
  return values.reduce((sum, value) => sum + value, 0);
}

function isTraces(request: IncomingMessage): boolean {
  return request.url === '/v1/traces';
}

test('away: memory is bounded, drops are counted and said, and what is kept arrives when it is back', async () => {
  const port = await freePort();
  const app = await startApp(port);
  const start = await load(app, 1, 1);
  const loaded = await load(app, MADE);
  // 2048 spans of 2 KB and what they hang on, against more than 40 MB.
  expect(loaded - start).toBeLessThan(20);
  expect(await metric(app, 'sietch_otel_queue_fill_ratio')).toBe(1);
  expect(await metric(app, PROCESSED, 'error_type="queue_full"')).toBe(MADE + 1 - QUEUE);
  expect(await metric(app, 'otel_sdk_processor_span_queue_capacity')).toBe(QUEUE);
  const [waiting, inflight] = [
    await metric(app, 'otel_sdk_processor_span_queue_size'),
    await metric(app, 'otel_sdk_exporter_span_inflight'),
  ];
  expect(waiting + inflight).toBe(QUEUE);

  const receiver = await startCollector({ port });
  await eventually('all that was kept has arrived', () => receiver.store.spans.length >= QUEUE);
  expect(receiver.store.spans).toHaveLength(QUEUE);
  await eventually('the queue is empty', async () => (await metric(app, 'sietch_otel_queue_fill_ratio')) === 0);
  expect(await metric(app, PROCESSED)).toBe(MADE + 1);
  expect(await metric(app, 'otel_sdk_span_started', 'otel_span_sampling_result="RECORD_AND_SAMPLE"')).toBe(MADE + 1);
  expect(await metric(app, EXPORTED, 'otel_component_name="otlp_http_span_exporter/0"')).toBe(QUEUE);
  expect(await metric(app, 'sietch_otel_export_failures')).toBeGreaterThan(0);

  await load(app, 10);
  await eventually('new spans arrive', () => receiver.store.spans.length === QUEUE + 10);
  const { stderr } = await app.stop();
  expect(stderr.match(/SIETCH091 [^\n]+: spans do not reach http:\/\/127\.0\.0\.1:\d+: ECONNREFUSED/g)).toHaveLength(1);
  expect(stderr.match(/SIETCH090 telemetry was dropped: \d+ spans: queue_full/g)).toHaveLength(1);
});

test('slow: a few requests at a time, memory is bounded, and what did not fit is counted', async () => {
  const held: (() => void)[] = [];
  let isSlow = true;
  let [arrived, open, mostOpen] = [0, 0, 0];
  const receiver = await startCollector({
    handler: (request, response) => {
      if (!isTraces(request)) return false;
      mostOpen = Math.max(mostOpen, ++open);
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const answer = () => {
          open--;
          arrived += readTelemetry('traces', 'protobuf', Buffer.concat(chunks)).spans.length;
          response.setHeader('content-type', 'application/x-protobuf').end();
        };
        if (isSlow) held.push(answer);
        else answer();
      });
      return true;
    },
  });
  const app = await startApp(receiver.port);
  const start = await load(app, 1, 1);
  const loaded = await load(app, MADE);
  // 4096 spans of 2 KB and what they hang on, against more than 40 MB.
  expect(loaded - start).toBeLessThan(30);
  const dropped = await metric(app, PROCESSED, 'error_type="queue_full"');
  expect(dropped).toBeGreaterThanOrEqual(MADE - QUEUE - MOST_EXPORTS * BATCH);
  isSlow = false;
  for (const answer of held.splice(0)) answer();
  await eventually('all that was kept has arrived', () => arrived + dropped >= MADE + 1);
  expect(arrived + dropped).toBe(MADE + 1);
  expect(mostOpen).toBe(MOST_EXPORTS);
});

test('bytes are bounded too', async () => {
  const app = await startApp(await freePort(), { SIETCH_OTEL_QUEUE_BYTES: '1000000' });
  await load(app, 500, 20_000);
  const dropped = await metric(app, PROCESSED, 'error_type="queue_bytes"');
  expect(dropped).toBeGreaterThan(440);
  expect(dropped).toBeLessThan(460);
});

test('hanging: a few requests at a time, given up in time, and made again', async () => {
  let hang = true;
  let open = 0;
  let mostOpen = 0;
  const receiver = await startCollector({
    handler: (request) => {
      if (!hang || !isTraces(request)) return false;
      open++;
      mostOpen = Math.max(mostOpen, open);
      request.socket.once('close', () => open--);
      return true;
    },
  });
  const app = await startApp(receiver.port, { OTEL_EXPORTER_OTLP_TIMEOUT: '1000' });
  // Small spans: on a busy machine, too, a batch is sent well within the time it may take.
  await load(app, 3000, 1);
  await app.waitForLine(/SIETCH091 .*no answer within 1000 ms/);
  await load(app, 1000, 1);
  hang = false;
  await eventually('what was kept has arrived', () => receiver.store.spans.length >= QUEUE);
  expect(mostOpen).toBe(MOST_EXPORTS);
});

test('429 with Retry-After: nothing is sent until then', async () => {
  const refusedAt: number[] = [];
  const receiver = await startCollector({
    handler: (request, response) => {
      if (!isTraces(request) || refusedAt.length >= 2) return false;
      refusedAt.push(Date.now());
      request.resume();
      response.writeHead(429, { 'retry-after': '1' }).end();
      return true;
    },
  });
  const app = await startApp(receiver.port);
  await load(app, 1000);
  await eventually('all have arrived', () => receiver.store.spans.length >= 1000);
  // A pause of our own would have been at least 800 ms, of the second time 1600 ms; the margin is for clocks.
  const [first = 0, second = 0] = refusedAt;
  expect(second - first).toBeGreaterThan(950);
  expect(receiver.store.spans).toHaveLength(1000);
});

test('refusing: what it will never take is dropped and said, the next goes', async () => {
  let refuse = true;
  const receiver = await startCollector({
    handler: (request, response) => {
      if (!isTraces(request) || !refuse) return false;
      request.resume();
      response.writeHead(400).end();
      return true;
    },
  });
  const app = await startApp(receiver.port);
  await load(app, 10);
  await app.waitForLine(/SIETCH092 .*: http:\/\/127\.0\.0\.1:\d+ refuses spans: HTTP 400/);
  refuse = false;
  await load(app, 5);
  await eventually('the next have arrived', () => receiver.store.spans.length === 5);
  expect(await metric(app, EXPORTED, 'error_type="400"')).toBe(10);
  expect(await metric(app, 'otel_sdk_exporter_operation_duration_seconds_count', 'http_response_status_code="400"')).toBe(1);
});
