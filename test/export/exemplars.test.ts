// Exemplars and exponential histograms of an app, as a collector gets them: in protobuf, in JSON and over gRPC.
import { createServer } from 'node:http2';
import type { Server } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { Servers } from '../doctor/servers.ts';
import { runApp } from '../support/app.ts';
import { lastPoint, type Receiver, spanNamed, startReceiver } from '../support/otlp.ts';

const servers = new Servers();
const open: { stop?(): Promise<unknown>; close?(): Promise<unknown> }[] = [];
afterAll(async () => {
  await Promise.all(open.map((each) => each.stop?.() ?? each.close?.()));
  servers.close();
});

const GRPC_PREFIX = 5;

/** A gRPC service that hands each message on by HTTP. */
function grpcInFrontOf({ url }: Receiver): Server {
  const server = createServer();
  server.on('stream', (stream, headers) => {
    const signal = String(headers[':path']).includes('.metrics.') ? 'metrics' : 'traces';
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', () => {});
    stream.on('end', async () => {
      const body = Buffer.concat(chunks).subarray(GRPC_PREFIX);
      const post = { method: 'POST', headers: { 'content-type': 'application/x-protobuf' }, body };
      await fetch(`${url}/v1/${signal}`, post).catch(() => {});
      // Its sender may have ended meanwhile.
      if (stream.destroyed) return;
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.end(Buffer.alloc(GRPC_PREFIX));
    });
  });
  return server;
}

const PUSHED = { OTEL_METRICS_EXPORTER: 'otlp', OTEL_METRIC_EXPORT_INTERVAL: '200', OTEL_BSP_SCHEDULE_DELAY: '10' };
const EXPONENTIAL = { OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: 'base2_exponential_bucket_histogram' };

async function request(env: Record<string, string>) {
  const receiver = await startReceiver();
  const isGrpc = env['OTEL_EXPORTER_OTLP_PROTOCOL'] === 'grpc';
  const url = isGrpc ? `http://${await servers.listen(grpcInFrontOf(receiver))}` : receiver.url;
  const app = runApp('test/app/http-metrics.js', { receiver: { url }, env: { ...PUSHED, ...env } });
  open.push(app, receiver);
  const [, appUrl = ''] = await app.waitForLine(/^listening on (\S+)/);
  await (await fetch(appUrl)).text();
  const duration = await receiver.store.waitFor(({ metrics }) => lastPoint(metrics, 'http.server.request.duration'));
  await app.stop();
  return { receiver, duration };
}

// GET        ← the exemplar of http.server.request.duration
test.each([
  ['http/protobuf', {}],
  ['http/json', {}],
  ['grpc', {}],
  ['http/protobuf', EXPONENTIAL],
  ['http/json', EXPONENTIAL],
  ['grpc', EXPONENTIAL],
])('%s %o: the duration of a request leads to its trace', async (protocol, env) => {
  const { receiver, duration } = await request({ OTEL_EXPORTER_OTLP_PROTOCOL: protocol, ...env });
  await receiver.store.waitFor(({ spans }) => spans.length > 0);
  const { traceId, spanId } = spanNamed(receiver.store.spans, 'GET');
  expect(duration.exemplars).toEqual([{ traceId, spanId, value: duration.sum, timeUnixNano: expect.any(BigInt), filteredAttributes: {} }]);
  expect(duration.count).toBe(1);
  if ('positive' in duration) expect(duration.positive?.bucketCounts).toEqual([1]);
  else expect(duration.bucketCounts).toHaveLength(15);
  expect('positive' in duration).toBe(env === EXPONENTIAL);
});

test.each([
  ['ALWAYS_OFF', 0],
  ['Always_On', 1],
  ['Trace_Based', 0],
])('OTEL_METRICS_EXEMPLAR_FILTER=%s, in a trace that is not sampled: %i exemplars', async (filter, count) => {
  const { duration } = await request({ OTEL_METRICS_EXEMPLAR_FILTER: filter, OTEL_TRACES_SAMPLER: 'always_off' });
  expect(duration.exemplars).toHaveLength(count);
});
