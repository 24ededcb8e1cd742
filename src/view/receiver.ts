// OTLP/HTTP receiver that stores telemetry: for the viewer, and for tests in place of a collector.
// Answers as https://opentelemetry.io/docs/specs/otlp/#otlphttp says.

import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { limitConnections, REQUEST_TIMEOUTS } from '../node/connection-limit.js';
import { type Encoding, readTelemetry } from './otlp-telemetry.js';
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
const unzip = promisify(gunzip);

/** Why a request was not accepted. */
class Refusal extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

/**
 * Starts to listen.
 * @throws {Error} of `node:net` when it cannot, for example EADDRINUSE.
 */
export async function startReceiver(options: ReceiverOptions = {}): Promise<Receiver> {
  const { host = '127.0.0.1', port = 0, maxBodyBytes = 20 * 1024 * 1024, store = new TraceStore(options), handler } = options;
  const listeners = new Set<(received: Export) => void>();
  const server = createServer(REQUEST_TIMEOUTS, (request, response) => {
    if (handler?.(request, response) === true) return;
    receive(request, maxBodyBytes)
      .then((received) => {
        store.add(received);
        for (const listener of [...listeners]) listener(received);
        answer(response, 200, received.encoding, encodeSuccess(received));
      })
      .catch((error: unknown) => refuse(request, response, error));
  });
  limitConnections(server, MAX_CONNECTIONS);
  const listening = await listen(server, host, port);
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

async function receive(request: IncomingMessage, maxBodyBytes: number): Promise<Export> {
  const path = (request.url ?? '/').split('?')[0];
  const signal = SIGNALS.find((candidate) => path === `/v1/${candidate}`);
  if (signal === undefined) throw new Refusal(404, `not found: OTLP is taken at ${SIGNALS.map((name) => `/v1/${name}`).join(', ')}`);
  if (request.method !== 'POST') throw new Refusal(405, 'method not allowed: OTLP is sent by POST', { allow: 'POST' });
  const encoding = encodingOf(request);
  if (encoding === undefined) throw new Refusal(415, `unsupported content type: send ${Object.values(CONTENT_TYPES).join(' or ')}`);
  const body = await decompress(request, await readBody(request, maxBodyBytes), maxBodyBytes);
  try {
    return { signal, encoding, headers: request.headers, ...readTelemetry(signal, encoding, body) };
  } catch (error) {
    throw new Refusal(400, `bad request: ${error instanceof Error ? error.message : 'unreadable body'}`);
  }
}

function encodingOf(request: IncomingMessage): Encoding | undefined {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type === CONTENT_TYPES.json) return 'json';
  return type === CONTENT_TYPES.protobuf ? 'protobuf' : undefined;
}

async function readBody(request: IncomingMessage, maxBodyBytes: number): Promise<Buffer> {
  const tooLarge = new Refusal(413, `request body larger than ${maxBodyBytes} bytes`, { connection: 'close' });
  if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) throw tooLarge;
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > maxBodyBytes) throw tooLarge;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function decompress(request: IncomingMessage, body: Buffer, maxBodyBytes: number): Promise<Buffer> {
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding === 'identity' || encoding === '') return body;
  if (encoding !== 'gzip') throw new Refusal(415, 'unsupported content encoding: send gzip or none', { 'accept-encoding': 'gzip' });
  try {
    return await unzip(body, { maxOutputLength: maxBodyBytes });
  } catch (error) {
    if (error instanceof RangeError) throw new Refusal(413, `request body larger than ${maxBodyBytes} bytes when unpacked`);
    throw new Refusal(400, 'bad request: the body is not gzip');
  }
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

const REJECTED = 'spans without a valid trace id and span id';

/**
 * An ExportTraceServiceResponse: a partial success (field 1: their number, 2: why) where spans were
 * left out. Senders do not send those again.
 */
function encodeSuccess({ encoding, rejectedSpans }: Export): string | Buffer {
  if (encoding === 'json') {
    return JSON.stringify(rejectedSpans === 0 ? {} : { partialSuccess: { rejectedSpans: String(rejectedSpans), errorMessage: REJECTED } });
  }
  if (rejectedSpans === 0) return Buffer.alloc(0);
  const partial = Buffer.concat([Buffer.from([0x08]), varint(rejectedSpans), Buffer.from([0x12, REJECTED.length]), Buffer.from(REJECTED)]);
  return Buffer.concat([Buffer.from([0x0a, partial.length]), partial]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (; value > 0x7f; value = Math.floor(value / 128)) bytes.push((value % 128) | 0x80);
  return Buffer.from([...bytes, value]);
}

function encodeStatus(message: string): Buffer {
  const text = Buffer.from(message.slice(0, 120));
  return Buffer.concat([Buffer.from([0x12, text.length]), text]);
}

function answer(response: ServerResponse, status: number, encoding: Encoding, body: string | Buffer): void {
  response.writeHead(status, { 'content-type': CONTENT_TYPES[encoding], 'content-length': Buffer.byteLength(body) }).end(body);
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
