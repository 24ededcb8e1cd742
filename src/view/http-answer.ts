// Writes the answers of the viewer's web server.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline, Readable } from 'node:stream';

/** Every answer has them, beside the content security policy of pages. */
const HEADERS = { 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' };
/** No answer of the API is a page. */
const NO_PAGE = "default-src 'none'; frame-ancestors 'none'";

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
}

export type Headers = Readonly<Record<string, string>>;

export function answerJson(exchange: Exchange, status: number, body: object, headers: Headers = {}): void {
  answerText(exchange, status, JSON.stringify(body), {
    'content-type': 'application/json',
    'content-security-policy': NO_PAGE,
    ...headers,
  });
}

export function answerText({ request, response }: Exchange, status: number, body: string | Buffer, headers: Headers): void {
  response.writeHead(status, { ...HEADERS, 'content-length': Buffer.byteLength(body), ...headers });
  response.end(request.method === 'HEAD' ? undefined : body);
  request.resume();
}

/** In pieces, as the client reads them: one trace may be most of what is kept. */
export function answerPieces({ request, response }: Exchange, pieces: Iterable<string>, headers: Headers = {}): void {
  response.writeHead(200, { ...HEADERS, 'content-type': 'application/json', 'content-security-policy': NO_PAGE, ...headers });
  if (request.method === 'HEAD') response.end();
  else pipeline(Readable.from(pieces), response, () => {});
  request.resume();
}

/** Begins an answer of server-sent events. */
export function beginEvents({ response }: Exchange): void {
  response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream', 'content-security-policy': NO_PAGE });
}
