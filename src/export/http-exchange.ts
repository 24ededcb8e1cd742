// Sends one OTLP request over HTTP with one deadline for the whole exchange. Upstream's transport
// has none (a collector that accepts and never answers holds a request for ever), keeps the process
// alive while it waits, and retries by itself.
import type { Agent } from 'node:http';
import { lookupCollector } from './name-lookup.js';
import type { HandedHttpRequest, SendResult, TlsFiles } from './sender.js';

/** An OTLP request, its deadline and its connection. */
export interface HttpExchange extends Omit<HandedHttpRequest, 'kind' | 'tls'> {
  /** Certificates, for a request without an agent that has them. */
  readonly tls?: TlsFiles;
  readonly timeoutMs: number;
  readonly agent?: Agent;
  /** Whether an open request keeps the process alive. Never in the app's main thread. */
  readonly keepsAlive: boolean;
}

export interface HttpAnswer {
  readonly result: SendResult;
  /** The body of a success. */
  readonly body?: Uint8Array;
}

/** Responses are read up to here; those of OTLP are a few bytes. */
const MAX_ANSWER_BYTES = 65_536;
/** Retryable status codes of the OTLP specification; all others are final. */
const RETRYABLE = new Set([429, 502, 503, 504]);

/** Sends the request. Never rejects. */
export async function exchange(request: HttpExchange): Promise<HttpAnswer> {
  const answer = await exchangeOnce(request);
  // A kept-alive connection that the collector closed in the same moment: not the collector's
  // fault.
  return answer === 'stale connection' ? notStale(await exchangeOnce(request)) : answer;
}

function notStale(answer: HttpAnswer | 'stale connection'): HttpAnswer {
  return answer === 'stale connection' ? retry('connection closed') : answer;
}

function exchangeOnce({ url, headers, tls, body, timeoutMs, agent, keepsAlive }: HttpExchange): Promise<HttpAnswer | 'stale connection'> {
  const secure = url.startsWith('https:');
  // Required when first needed: an instrumentation of http must come first, and many processes
  // never send.
  const { request }: typeof import('node:http') = secure ? require('node:https') : require('node:http');
  return new Promise((resolve) => {
    const outgoing = request(url, {
      method: 'POST',
      headers: { ...headers, 'Content-Length': body.byteLength },
      lookup: lookupCollector,
      ...(agent === undefined ? {} : { agent }),
      ...(secure ? tls : {}),
    });
    const timer = setTimeout(() => {
      resolve(retry(`no answer within ${timeoutMs} ms`));
      outgoing.destroy();
    }, timeoutMs);
    if (!keepsAlive) timer.unref();
    const settle = (answer: HttpAnswer | 'stale connection') => {
      clearTimeout(timer);
      resolve(answer);
    };
    outgoing.on('socket', (socket) => {
      if (!keepsAlive) socket.unref();
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      const stale = outgoing.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
      settle(stale ? 'stale connection' : failure(error));
    });
    outgoing.on('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.byteLength;
        if (size <= MAX_ANSWER_BYTES) chunks.push(chunk);
        else response.destroy();
      });
      response.on('close', () => settle(read(response.statusCode ?? 0, response.headers['retry-after'], Buffer.concat(chunks))));
      response.on('error', () => {});
    });
    outgoing.end(body);
  });
}

function read(status: number, retryAfter: string | undefined, body: Uint8Array): HttpAnswer {
  if (status >= 200 && status < 300) return { result: { status: 'sent' }, body };
  const reason = `HTTP ${status}`;
  if (!RETRYABLE.has(status)) return { result: { status: 'failed', reason } };
  const afterMs = parseRetryAfter(retryAfter);
  return { result: afterMs === undefined ? { status: 'retry', reason } : { status: 'retry', reason, afterMs } };
}

/** Seconds or a date, as in RFC 9110; in ms from now. */
export function parseRetryAfter(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value.trim())) return Number(value) * 1000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(at - Date.now(), 0);
}

/**
 * Every failure of the network may pass; one of TLS will not, but a certificate may be replaced
 * while we run.
 */
function failure(error: NodeJS.ErrnoException): HttpAnswer {
  return retry(error.code ?? error.name);
}

function retry(reason: string): HttpAnswer {
  return { result: { status: 'retry', reason } };
}
