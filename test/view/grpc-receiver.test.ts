// OTLP over gRPC: what upstream's exporters send arrives; what nobody should send is refused.

import { type ClientHttp2Session, connect, constants } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-grpc';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-grpc';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type GrpcReceiver, startGrpcReceiver } from '../../src/view/grpc-receiver.js';
import { ReceivedStore } from '../support/received-store.ts';

const MAX_BODY_BYTES = 1_000_000;
const TRACES = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';

let store: ReceivedStore;
let receiver: GrpcReceiver;
let session: ClientHttp2Session;
beforeEach(async () => {
  store = new ReceivedStore();
  receiver = await startGrpcReceiver({ host: '127.0.0.1', port: 0, store, maxBodyBytes: MAX_BODY_BYTES });
  session = connect(`http://127.0.0.1:${receiver.port}`);
  session.on('error', () => {});
});
afterEach(async () => {
  session.destroy();
  await receiver.close();
});

interface Answer {
  readonly status: string | undefined;
  readonly message: string;
  readonly body: Buffer;
}

/** One call; `chunks` are written one after the other. */
function call(path: string, chunks: readonly Buffer[], headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers', ...headers });
    const body: Buffer[] = [];
    let status: string | undefined;
    let message = '';
    const read = (received: Record<string, unknown>) => {
      status ??= received['grpc-status'] === undefined ? undefined : String(received['grpc-status']);
      message ||= decodeURIComponent(String(received['grpc-message'] ?? ''));
    };
    stream.on('response', read).on('trailers', read);
    stream.on('data', (chunk: Buffer) => body.push(chunk));
    stream.on('error', (error) => (status === undefined ? reject(error) : undefined));
    stream.on('close', () => resolve({ status, message, body: Buffer.concat(body) }));
    for (const chunk of chunks) stream.write(chunk);
    stream.end();
  });
}

function frame(message: Buffer, flag = 0): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = flag;
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

test.each([CompressionAlgorithm.NONE, CompressionAlgorithm.GZIP])("upstream's exporters, %s", async (compression) => {
  const options = { url: `http://127.0.0.1:${receiver.port}`, compression };
  const resource = resourceFromAttributes({ 'service.name': 'webhooks' });
  const tracers = new BasicTracerProvider({ resource, spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter(options))] });
  const loggers = new LoggerProvider({ resource, processors: [new BatchLogRecordProcessor({ exporter: new OTLPLogExporter(options) })] });
  const meters = new MeterProvider({
    resource,
    readers: [new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter(options) })],
  });
  tracers
    .getTracer('test')
    .startSpan('work', { attributes: { text: 'é'.repeat(1_000) } })
    .end();
  loggers.getLogger('test').emit({ body: 'hello' });
  meters.getMeter('test').createCounter('calls').add(3);
  await Promise.all([tracers.shutdown(), loggers.shutdown(), meters.shutdown()]);
  expect(store.spans).toMatchObject([{ name: 'work', service: 'webhooks', attributes: { text: 'é'.repeat(1_000) } }]);
  expect(store.logs).toMatchObject([{ body: 'hello' }]);
  expect(store.metrics).toMatchObject([{ name: 'calls', points: [{ value: 3 }] }]);
});

test('an empty export is answered by an empty message', async () => {
  expect(await call(TRACES, [frame(Buffer.alloc(0))])).toEqual({ status: '0', message: '', body: Buffer.alloc(5) });
});

test('a span without ids is a partial success', async () => {
  // resourceSpans { scopeSpans { spans {} } }
  const { status, body } = await call(TRACES, [frame(Buffer.from([0x0a, 0x04, 0x12, 0x02, 0x12, 0x00]))]);
  expect(status).toBe('0');
  expect(body.toString()).toContain('without a valid trace id');
});

const BOMB = gzipSync(Buffer.alloc(50_000_000));
test.each<[string, string, Buffer[], Record<string, string>, string, RegExp]>([
  ['another method', '/grpc.health.v1.Health/Check', [frame(Buffer.alloc(0))], {}, '12', /unknown method/],
  ['another content type', TRACES, [frame(Buffer.alloc(0))], { 'content-type': 'application/json' }, '12', /application\/grpc/],
  ['nothing', TRACES, [], {}, '3', /one whole message/],
  ['half a frame', TRACES, [frame(Buffer.alloc(100)).subarray(0, 50)], {}, '3', /one whole message/],
  ['two messages', TRACES, [frame(Buffer.alloc(0)), frame(Buffer.alloc(0))], {}, '3', /one whole message/],
  ['no protobuf', TRACES, [frame(Buffer.from('nonsense'))], {}, '3', /bad request/],
  ['too large a message', TRACES, Array.from({ length: 40 }, () => Buffer.alloc(65_536)), {}, '8', /larger than/],
  ['a bomb', TRACES, [frame(BOMB, 1)], { 'grpc-encoding': 'gzip' }, '8', /when unpacked/],
  ['another compression', TRACES, [frame(Buffer.from('x'), 1)], { 'grpc-encoding': 'snappy' }, '12', /gzip/],
  ['no gzip', TRACES, [frame(Buffer.from('x'), 1)], { 'grpc-encoding': 'gzip' }, '3', /not gzip/],
])('%s is refused', async (_what, path, chunks, headers, status, message) => {
  expect(await call(path, chunks, headers)).toMatchObject({ status, message: expect.stringMatching(message) });
  // It goes on.
  expect(await call(TRACES, [frame(Buffer.alloc(0))])).toMatchObject({ status: '0' });
});

test('clients that break off, or speak something else, do no harm', async () => {
  const stream = session.request({ ':method': 'POST', ':path': TRACES, 'content-type': 'application/grpc' });
  stream.on('error', () => {});
  stream.write(frame(Buffer.alloc(1_000)).subarray(0, 100));
  stream.close(constants.NGHTTP2_CANCEL);
  await new Promise((resolve) => stream.once('close', resolve));
  const socket = connectSocket(receiver.port, '127.0.0.1');
  socket.on('error', () => {});
  socket.resume().end('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  await new Promise((resolve) => socket.once('close', resolve));
  expect(await call(TRACES, [frame(Buffer.alloc(0))])).toMatchObject({ status: '0' });
});
