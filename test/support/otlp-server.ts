// A collector that keeps each request as it came: for what goes over the wire around the telemetry. It takes spans, log records and metrics at any path that
// ends in the signal, over http, https or gRPC. No vitest here.
import { createServer as createHttpServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createGrpcServer, type ServerHttp2Stream } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import type { Server } from 'node:net';
import { TLSSocket } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import { decodeProtobuf } from '../../src/view/otlp-protobuf.js';
import { type Encoding, readTelemetry } from '../../src/view/otlp-telemetry.js';
import { SIGNALS, type Signal } from '../../src/view/telemetry.js';
import { ReceivedStore } from './received-store.ts';

export interface OtlpRequest {
  readonly signal: Signal;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Name in the certificate of the client; undefined where it had none. */
  readonly client: string | undefined;
  /** Spans, log records or metrics in it. */
  readonly items: number;
  /** The export in the form of OTLP's JSON, whichever encoding it came in. */
  readonly body: unknown;
  /** The export as it came, unpacked. */
  readonly bytes: Buffer;
}

export interface OtlpServer {
  /** Host and port. */
  readonly address: string;
  readonly port: number;
  /** In the order of their arrival. */
  readonly requests: readonly OtlpRequest[];
  /** Bodies of what is no OTLP, by path. */
  readonly others: ReadonlyMap<string, string>;
  readonly store: ReceivedStore;
  close(): Promise<void>;
}

export interface OtlpServerOptions {
  /** `silent` takes requests and never answers. */
  readonly kind: 'http' | 'https' | 'grpc' | 'silent';
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer };
}

const GRPC_SIGNALS: Readonly<Record<string, Signal>> = { TraceService: 'traces', MetricsService: 'metrics', LogsService: 'logs' };

export async function startOtlpServer({ kind, tls }: OtlpServerOptions): Promise<OtlpServer> {
  const requests: OtlpRequest[] = [];
  const others = new Map<string, string>();
  const store = new ReceivedStore();
  const sockets = new Set<{ destroy(): void }>();
  const take = (signal: Signal, encoding: Encoding, body: Buffer, rest: Pick<OtlpRequest, 'path' | 'headers' | 'client'>) => {
    const received = readTelemetry(signal, encoding, body);
    store.add(received);
    const plain: unknown = encoding === 'json' ? JSON.parse(body.toString()) : decodeProtobuf(signal, body);
    requests.push({
      signal,
      ...rest,
      body: plain,
      bytes: body,
      items: received.spans.length + received.logs.length + received.metrics.length,
    });
  };
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    if (kind === 'silent') return;
    const onRead = (raw: Buffer) => {
      const { headers, url: path = '', socket } = request;
      const body = headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
      const encoding = headers['content-type'] === 'application/json' ? 'json' : 'protobuf';
      const client = socket instanceof TLSSocket ? socket.getPeerCertificate().subject?.CN : undefined;
      const signal = SIGNALS.find((name) => path.endsWith(`/${name}`));
      if (signal === undefined) others.set(path, body.toString());
      else take(signal, encoding, body, { path, headers, client: typeof client === 'string' ? client : undefined });
      response.writeHead(200, { 'content-type': headers['content-type'] ?? 'text/plain' }).end(encoding === 'json' ? '{}' : '');
    };
    // A sender that is killed sends half of it.
    void readAll(request).then(onRead, () => {});
  };
  const server = createServer();
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  return {
    address: `127.0.0.1:${port}`,
    port,
    requests,
    others,
    store,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };

  function createServer(): Server {
    if (kind === 'grpc') {
      return createGrpcServer().on('stream', (stream, headers) => {
        stream.on('error', () => {});
        const onRead = (body: Buffer) => {
          const path = String(headers[':path']);
          const signal = GRPC_SIGNALS[/(\w+)\/Export$/.exec(path)?.[1] ?? ''];
          if (signal !== undefined) take(signal, 'protobuf', body.subarray(5), { path, headers, client: undefined });
          if (!stream.destroyed) answerCall(stream);
        };
        void readAll(stream).then(onRead, () => {});
      });
    }
    if (kind === 'https') return createHttpsServer({ ...tls, requestCert: true, rejectUnauthorized: false }, onRequest);
    return createHttpServer(onRequest);
  }
}

/** As far as a unary call needs an answer: an empty message, and the status in the trailers. */
function answerCall(stream: ServerHttp2Stream): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(Buffer.alloc(5));
}

async function readAll(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
