// OTLP/gRPC receiver over node:http2. Three unary methods need frames of five bytes, gzip and
// trailers; @grpc/grpc-js would be 2 MB more to install, and its protobuf definitions with it.
// https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md

import { constants, createServer, type Http2Server, type Http2Session, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { listenOn } from './listening.js';
import { exportResponse } from './otlp-response.js';
import { readTelemetry } from './otlp-telemetry.js';
import { Refusal } from './refusal.js';
import { BodyBudget, unzip, withBody } from './request-body.js';
import { type ReceivedTelemetry, SIGNALS, type Signal } from './telemetry.js';
import type { TraceStore } from './trace-store.js';

export interface GrpcReceiverOptions {
  readonly host: string;
  readonly port: number;
  readonly store: TraceStore;
  /** Bytes of a message, compressed or not. */
  readonly maxBodyBytes?: number;
}

export interface GrpcReceiver {
  readonly port: number;
  close(): Promise<void>;
}

/** Codes of https://grpc.io/docs/guides/status-codes/ by the status of HTTP that says the same. */
const CODES = new Map([
  [400, 3],
  [404, 12],
  [405, 12],
  [413, 8],
  [415, 12],
  [503, 14],
]);
const INTERNAL = 13;
const MAX_SESSIONS = 200;
const MAX_STREAMS = 32;
/** A session without a stream, and a stream without data, are closed after these. */
const IDLE_SESSION_MS = 5 * 60_000;
const IDLE_STREAM_MS = 10_000;
const MAX_RECEIVING_BYTES = 64 * 1024 * 1024;
/** Compressed flag and length. */
const PREFIX_BYTES = 5;

interface Bounds {
  readonly maxBytes: number;
  readonly budget: BodyBudget;
}

/**
 * Starts to listen.
 * @throws {Error} of `node:net` when it cannot, for example EADDRINUSE.
 */
export async function startGrpcReceiver(options: GrpcReceiverOptions): Promise<GrpcReceiver> {
  const { host, port, store, maxBodyBytes: maxBytes = 20 * 1024 * 1024 } = options;
  const bounds = { maxBytes, budget: new BodyBudget(MAX_RECEIVING_BYTES) };
  const server = createServer({
    maxSessionMemory: 10,
    settings: { maxConcurrentStreams: MAX_STREAMS, maxHeaderListSize: 16 * 1024, enablePush: false },
  });
  const sessions = limitSessions(server);
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    stream.setTimeout(IDLE_STREAM_MS, () => stream.close(constants.NGHTTP2_CANCEL));
    receive(stream, headers, bounds)
      .then((received) => {
        store.add(received);
        succeed(stream, exportResponse(received.rejectedSpans));
      })
      .catch((error: unknown) => fail(stream, error));
  });
  const listening = await listenOn(server, host, port);
  server.on('error', () => {});
  return { port: listening, close: () => close(server, sessions) };
}

/** The one that has been open for longest is closed for a new one that is too many. */
function limitSessions(server: Http2Server): Set<Http2Session> {
  const sessions = new Set<Http2Session>();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('error', () => {});
    session.once('close', () => sessions.delete(session));
    session.setTimeout(IDLE_SESSION_MS, () => session.close());
    const [oldest] = sessions;
    if (sessions.size > MAX_SESSIONS) oldest?.destroy();
  });
  // A client that does not speak HTTP/2, or that breaks off.
  server.on('sessionError', () => {});
  return sessions;
}

async function receive(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, bounds: Bounds): Promise<ReceivedTelemetry> {
  const signal = signalOf(headers[':path']);
  if (signal === undefined) throw new Refusal(404, 'unknown method: the Export of the trace, logs and metrics services is taken');
  if (!/^application\/grpc(\+proto)?(;|$)/.test(headers['content-type'] ?? '')) throw new Refusal(415, 'send application/grpc');
  const chunks = stream.iterator({ destroyOnReturn: false });
  // A message has as many bytes more as its frame.
  return withBody(chunks, { ...bounds, maxBytes: bounds.maxBytes + PREFIX_BYTES }, (body) => {
    const message = readMessage(body, headers['grpc-encoding'], bounds.maxBytes);
    try {
      return readTelemetry(signal, 'protobuf', message);
    } catch (error) {
      throw new Refusal(400, `bad request: ${error instanceof Error ? error.message : 'unreadable message'}`);
    }
  });
}

function signalOf(path: string | undefined): Signal | undefined {
  const [, service = ''] = /^\/opentelemetry\.proto\.collector\.(\w+)\.v1\.\w+\/Export$/.exec(path ?? '') ?? [];
  // The package of spans is `trace`, their path over HTTP `traces`.
  return SIGNALS.find((signal) => signal === service || signal === `${service}s`);
}

/** @throws {Refusal} */
function readMessage(body: Buffer, encoding: string | string[] | undefined, maxBytes: number): Buffer {
  if (body.length < PREFIX_BYTES || body.readUInt32BE(1) !== body.length - PREFIX_BYTES)
    throw new Refusal(400, 'expected one whole message');
  const message = body.subarray(PREFIX_BYTES);
  if (body[0] === 0) return message;
  if (encoding !== 'gzip') throw new Refusal(415, 'unsupported message encoding: send gzip or identity');
  return unzip(message, maxBytes);
}

function succeed(stream: ServerHttp2Stream, message: Buffer): void {
  if (stream.destroyed) return;
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(message.length, 1);
  stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.end(Buffer.concat([prefix, message]));
}

/** An answer of headers alone; what still comes of the message is not read. */
function fail(stream: ServerHttp2Stream, error: unknown): void {
  if (stream.destroyed || stream.headersSent) return;
  const code = error instanceof Refusal ? (CODES.get(error.status) ?? INTERNAL) : INTERNAL;
  const message = error instanceof Refusal ? error.message : 'internal error';
  const status = { 'grpc-status': String(code), 'grpc-message': encodeURIComponent(message), 'grpc-accept-encoding': 'identity,gzip' };
  stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...status }, { endStream: true });
  if (!stream.readableEnded) stream.close(constants.NGHTTP2_NO_ERROR);
}

function close(server: Http2Server, sessions: ReadonlySet<Http2Session>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    for (const session of sessions) session.destroy();
  });
}
