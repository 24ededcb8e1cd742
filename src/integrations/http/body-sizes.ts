// Sizes of the bodies of requests and of their responses, with SIETCH_OTEL_HTTP_BODY_SIZES=on. What
// `content-length` declares needs no counting; else chunks are counted as they pass, so that nothing
// is read or buffered that the app does not read.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Attributes, Context, Histogram, Meter } from '@opentelemetry/api';
import { createInstrument } from '../../config/metric.js';
import { type Emit, type IncomingRequest, incomingOf } from './incoming-request.js';
import { METRIC_REQUEST_BODY_SIZE, METRIC_RESPONSE_BODY_SIZE } from './names.js';

export type Write = (this: ServerResponse, ...args: unknown[]) => unknown;

export class BodySizes {
  readonly #requests: Histogram;
  readonly #responses: Histogram;

  constructor(meter: Meter) {
    this.#requests = createInstrument(meter, METRIC_REQUEST_BODY_SIZE);
    this.#responses = createInstrument(meter, METRIC_RESPONSE_BODY_SIZE);
  }

  /** Takes the size that the request declares. */
  begin(incoming: IncomingRequest, { headers }: IncomingMessage): void {
    incoming.requestBody = Number(headers['content-length'] ?? 0) || 0;
  }

  /** Empty bodies are none. */
  record({ requestBody, responseBody }: IncomingRequest, attributes: Attributes, context: Context): void {
    if (requestBody) this.#requests.record(requestBody, attributes, context);
    if (responseBody) this.#responses.record(responseBody, attributes, context);
  }
}

/** Makes the `emit` of requests: one that declares no size emits each chunk as the app reads it. */
export function countRead(original: Emit<IncomingMessage>): Emit<IncomingMessage> {
  return function emit(...args) {
    const [event, chunk] = args;
    if (event === 'data' && this.headers['content-length'] === undefined) {
      const incoming = incomingOf(this);
      if (incoming !== undefined) incoming.requestBody = (incoming.requestBody ?? 0) + sizeOf(chunk, this.readableEncoding);
    }
    return Reflect.apply(original, this, args);
  };
}

/** Makes `write` and `end` of responses. */
export function countWritten(original: Write): Write {
  return function write(...args) {
    const incoming = incomingOf(this.req);
    const [chunk, encoding] = args;
    if (incoming !== undefined && !this.writableEnded && hasBody(this))
      incoming.responseBody = (incoming.responseBody ?? 0) + sizeOf(chunk, encoding);
    return Reflect.apply(original, this, args);
  };
}

/** Node.js sends no body with these, whatever is written. */
function hasBody({ req, statusCode }: ServerResponse): boolean {
  return req.method !== 'HEAD' && statusCode !== 204 && statusCode !== 304;
}

function sizeOf(chunk: unknown, encoding: unknown): number {
  if (typeof chunk === 'string') return Buffer.byteLength(chunk, isEncoding(encoding) ? encoding : 'utf8');
  return chunk instanceof Uint8Array ? chunk.byteLength : 0;
}

function isEncoding(value: unknown): value is BufferEncoding {
  return typeof value === 'string' && Buffer.isEncoding(value);
}
