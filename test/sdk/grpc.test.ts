// OTLP over gRPC: the normal way, a collector that comes back, and the hand-over at exit.
import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import { afterEach, expect, test } from 'vitest';
import { readTelemetry } from '../../src/view/otlp-telemetry.js';
import { TraceStore } from '../../src/view/trace-store.js';
import { ENV, end } from '../exit/exit-ways.ts';
import { runApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';

const SIGNALS: Readonly<Record<string, 'traces' | 'logs'>> = {
  '/opentelemetry.proto.collector.trace.v1.TraceService/Export': 'traces',
  '/opentelemetry.proto.collector.logs.v1.LogsService/Export': 'logs',
};

interface GrpcCollector {
  readonly url: string;
  readonly store: TraceStore;
  /** gRPC status of the next answers. */
  status: number;
  readonly requests: string[];
}

const servers: Http2Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A gRPC server as far as a unary call needs one: five bytes of frame head, the message, and the status in the trailers. */
async function startGrpcCollector(): Promise<GrpcCollector> {
  const store = new TraceStore();
  const requests: string[] = [];
  const server = createServer();
  server.on('stream', (stream, headers) => {
    // A sender that is killed sends half of it.
    stream.on('error', () => {});
    const onRead = (body: Buffer) => {
      const path = String(headers[':path']);
      requests.push(path);
      const signal = SIGNALS[path];
      if (collector.status === 0 && signal !== undefined) store.add(readTelemetry(signal, 'protobuf', body.subarray(5)));
      if (!stream.destroyed) answer(stream, collector.status);
    };
    void receive(stream).then(onRead, () => {});
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  const collector: GrpcCollector = { url, store, status: 0, requests };
  return collector;
}

async function receive(stream: ServerHttp2Stream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

function answer(stream: ServerHttp2Stream, status: number): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': String(status) }));
  stream.end(status === 0 ? Buffer.alloc(5) : undefined);
}

test.for(['natural', 'exit', 'throw'])('what is left is sent at "%s"', async (way) => {
  const collector = await startGrpcCollector();
  const bare = await end({ way }, { preload: 'none' });
  const ending = await end(
    { way },
    { receiver: collector, env: { ...ENV, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', SIETCH_OTEL_SHUTDOWN_MS: '10000' } },
  );
  expect(collector.store.spans.map(({ name }) => name)).toContain('work');
  expect(collector.store.logs.map(({ body }) => body)).toContain('work');
  expect({ ...ending, ms: 0 }).toEqual({ ...bare, ms: 0 });
});

test('UNAVAILABLE is tried again, INVALID_ARGUMENT is not', async () => {
  const collector = await startGrpcCollector();
  collector.status = 14;
  const app = runApp('test/app/exit-load.cjs', {
    nodeArgs: ['--expose-gc'],
    receiver: collector,
    env: { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
  });
  try {
    await app.waitForMessage((message) => message === 'ready' || undefined);
    app.send({ spans: 3, bytes: 1 });
    await app.waitForLine(/SIETCH091 .*gRPC status 14/);
    collector.status = 0;
    await eventually('the spans have arrived', () => collector.store.spans.length === 3);
    collector.status = 3;
    app.send({ spans: 2, bytes: 1 });
    await app.waitForLine(/SIETCH092 .*gRPC status 3/);
  } finally {
    await app.stop();
  }
});
