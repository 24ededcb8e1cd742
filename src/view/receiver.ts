// OTLP/HTTP receiver that stores telemetry: for the viewer, and for tests in place of a collector.
// Answers as https://opentelemetry.io/docs/specs/otlp/#otlphttp says.

import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { limitConnections, REQUEST_TIMEOUTS } from '../node/connection-limit.js';
import { listenOn } from './listening.js';
import { exportResponse, REJECTED_SPANS } from './otlp-response.js';
import { type Encoding, readTelemetry } from './otlp-telemetry.js';
import { Refusal } from './refusal.js';
import { BodyBudget, unzip, withBody } from './request-body.js';
import { type ReceivedTelemetry, SIGNALS, type Signal } from './telemetry.js';
import { TraceStore, type TraceStoreLimits } from './trace-store.js';

export interface ReceiverOptions extends TraceStoreLimits {
  /** Address to listen on. Default `127.0.0.1`: what it shows is for this machine. */
  host?: string;
  /** Default 0: any free port. */
  port?: number;
  /**
   * Bytes of a body, compressed or not, above which the answer is 413. Default 20 MiB, as in the
   * collector.
   */
  maxBodyBytes?: number;
  /** Store of the exports. Default: a new one with the limits given here. */
  store?: TraceStore;
  /** Called first for every request; true means that it has answered. */
  handler?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

/** One accepted export. */
export interface Export extends ReceivedTelemetry {
  signal: Signal;
  encoding: Encoding;
  headers: IncomingHttpHeaders;
}

export interface Receiver {
  /** The value for `OTEL_EXPORTER_OTLP_ENDPOINT`: `http://127.0.0.1:4318`. */
  url: string;
  port: number;
  store: TraceStore;
  /** Calls `listener` after each export was stored; returns a function that stops that. */
  onExport(listener: (received: Export) => void): () => void;
  /** Stops listening and cuts open connections. */
  close(): Promise<void>;
}

const CONTENT_TYPES: Readonly<Record<Encoding, string>> = { json: 'application/json', protobuf: 'application/x-protobuf' };
const MAX_CONNECTIONS = 200;
/** Bytes of all bodies that are being received. */
const MAX_RECEIVING_BYTES = 64 * 1024 * 1024;

/**
 * Starts to listen.
 * @throws {Error} of `node:net` when it cannot, for example EADDRINUSE.
 */
export async function startReceiver(options: ReceiverOptions = {}): Promise<Receiver> {
  const { host = '127.0.0.1', port = 0, maxBodyBytes = 20 * 1024 * 1024, store = new TraceStore(options), handler } = options;
  const listeners = new Set<(received: Export) => void>();
  const budget = new BodyBudget(Math.max(MAX_RECEIVING_BYTES, maxBodyBytes));
  const server = createServer(REQUEST_TIMEOUTS, (request, response) => {
    if (handler?.(request, response) === true) return;
    receive(request, maxBodyBytes, budget)
      .then((received) => {
        store.add(received);
        for (const listener of [...listeners]) listener(received);
        answer(response, 200, received.encoding, encodeSuccess(received));
      })
      .catch((error: unknown) => refuse(request, response, error));
  });
  limitConnections(server, MAX_CONNECTIONS);
  const listening = await listenOn(server, host, port);
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${listening}`,
    port: listening,
    store,
    onExport(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => close(server),
  };
}

async function receive(request: IncomingMessage, maxBytes: number, budget: BodyBudget): Promise<Export> {
  const path = (request.url ?? '/').split('?')[0];
  const signal = SIGNALS.find((candidate) => path === `/v1/${candidate}`);
  if (signal === undefined) throw new Refusal(404, `not found: OTLP is taken at ${SIGNALS.map((name) => `/v1/${name}`).join(', ')}`);
  if (request.method !== 'POST') throw new Refusal(405, 'method not allowed: OTLP is sent by POST', { allow: 'POST' });
  const encoding = encodingOf(request);
  if (encoding === undefined) throw new Refusal(415, `unsupported content type: send ${Object.values(CONTENT_TYPES).join(' or ')}`);
  const announced = Number(request.headers['content-length'] ?? 0);
  return withBody(request.iterator({ destroyOnReturn: false }), { maxBytes, budget, announced }, (packed) => {
    const body = decompress(request, packed, maxBytes);
    try {
      return { signal, encoding, headers: request.headers, ...readTelemetry(signal, encoding, body) };
    } catch (error) {
      throw new Refusal(400, `bad request: ${error instanceof Error ? error.message : 'unreadable body'}`);
    }
  });
}

function encodingOf(request: IncomingMessage): Encoding | undefined {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type === CONTENT_TYPES.json) return 'json';
  return type === CONTENT_TYPES.protobuf ? 'protobuf' : undefined;
}

function decompress(request: IncomingMessage, body: Buffer, maxBytes: number): Buffer {
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding === 'identity' || encoding === '') return body;
  if (encoding !== 'gzip') throw new Refusal(415, 'unsupported content encoding: send gzip or none', { 'accept-encoding': 'gzip' });
  return unzip(body, maxBytes);
}

function refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  if (request.destroyed && response.destroyed) return;
  const refusal = error instanceof Refusal ? error : new Refusal(500, 'internal error');
  const encoding = encodingOf(request) ?? 'json';
  // A google.rpc.Status, as the specification asks for: field 2 is its message.
  const body = encoding === 'json' ? JSON.stringify({ message: refusal.message }) : encodeStatus(refusal.message);
  for (const [name, value] of Object.entries(refusal.headers)) response.setHeader(name, value);
  answer(response, refusal.status, encoding, body);
  // Discards the rest of a refused body: a sender that cannot finish sending never reads the
  // answer.
  request.resume();
}

function encodeSuccess({ encoding, rejectedSpans }: Export): string | Buffer {
  if (encoding === 'protobuf') return exportResponse(rejectedSpans);
  const partialSuccess = { rejectedSpans: String(rejectedSpans), errorMessage: REJECTED_SPANS };
  return JSON.stringify(rejectedSpans === 0 ? {} : { partialSuccess });
}

function encodeStatus(message: string): Buffer {
  const text = Buffer.from(message.slice(0, 120));
  return Buffer.concat([Buffer.from([0x12, text.length]), text]);
}

function answer(response: ServerResponse, status: number, encoding: Encoding, body: string | Buffer): void {
  response.writeHead(status, { 'content-type': CONTENT_TYPES[encoding], 'content-length': Buffer.byteLength(body) }).end(body);
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
