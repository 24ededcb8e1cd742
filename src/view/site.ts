// Web server of the viewer: a page and a JSON API over a store, on the port that also takes OTLP.
//
//   GET /                         the page: search, list, and the trace chosen by ?trace=
//   GET /api/traces               summaries; ?traceId= (or its beginning), ?service=, ?error=true, ?limit=
//   GET /api/traces/<trace id>    spans and log records of one trace; times are strings of nanoseconds

import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { pipeline, Readable } from 'node:stream';
import { renderPage } from './page.js';
import { PAGE_SCRIPT } from './page-script.js';
import type { Trace, TraceQuery, TraceStore } from './trace-store.js';
import { summarize } from './trace-summary.js';

export interface SiteOptions {
  /**
   * Host names, without port, that requests may be addressed to, beside `localhost` and addresses.
   */
  allowedHosts?: readonly string[];
}

/** Only makes a path a URL. */
const BASE = 'http://localhost';
const WRONG_HOST = 'this host name is not served here: open the page by an IP address, or start the viewer with --host and this name';
const MAX_LIMIT = 1_000;
const SCRIPT_HASH = createHash('sha256').update(PAGE_SCRIPT).digest('base64');
const HEADERS = {
  // Nothing from elsewhere (the icon is in the page), no script but ours. Styles are inline: bars
  // are placed by them.
  'content-security-policy': `default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-${SCRIPT_HASH}'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

/**
 * A handler for `startReceiver`: takes the requests that are for the page or the API, and leaves
 * the others to the receiver.
 */
export function createSite(store: TraceStore, options: SiteOptions = {}): (request: IncomingMessage, response: ServerResponse) => boolean {
  return (request, response) => {
    const target = request.url ?? '/';
    if (!URL.canParse(target, BASE)) return false;
    const url = new URL(target, BASE);
    if (url.pathname !== '/' && !url.pathname.startsWith('/api/')) return false;
    // Not checked for senders. The page must be protected: a web site that points its own name at
    // this address (DNS rebinding) could read it.
    if (!isAllowedHost(request.headers.host, options)) return answer(request, response, 403, { message: WRONG_HOST });
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      return answer(request, response, 405, { message: 'method not allowed' });
    }
    if (url.pathname === '/') return answer(request, response, 200, renderPage(store, url.searchParams).text);
    return answerApi(request, response, store, url);
  };
}

function isAllowedHost(header: string | undefined, { allowedHosts = [] }: SiteOptions): boolean {
  const host = (header ?? '').toLowerCase().replace(/:\d+$/, '');
  // A web site cannot have an address for a name.
  const isAddress = isIP(host.replace(/^\[|\]$/g, '')) !== 0;
  return isAddress || host === 'localhost' || host.endsWith('.localhost') || allowedHosts.some((name) => name.toLowerCase() === host);
}

function answerApi(request: IncomingMessage, response: ServerResponse, store: TraceStore, url: URL): boolean {
  if (url.pathname === '/api/traces') {
    const query = readQuery(url.searchParams);
    if (typeof query === 'string') return answer(request, response, 400, { message: query });
    return answer(request, response, 200, { traces: store.search(query).map(summarize), services: store.services() });
  }
  const traceId = /^\/api\/traces\/([0-9a-f]{32})$/i.exec(url.pathname)?.[1];
  const trace = traceId === undefined ? undefined : store.trace(traceId);
  if (trace === undefined || trace.spans.length === 0) return answer(request, response, 404, { message: 'not found' });
  return answerTrace(request, response, trace);
}

/** In pieces, as the client reads them: one trace may be most of what is kept. */
function answerTrace(request: IncomingMessage, response: ServerResponse, trace: Trace): true {
  response.writeHead(200, { ...HEADERS, 'content-type': 'application/json' });
  if (request.method === 'HEAD') response.end();
  else pipeline(Readable.from(traceJson(trace)), response, () => {});
  request.resume();
  return true;
}

function* traceJson(trace: Trace): Generator<string> {
  yield JSON.stringify(summarize(trace), bigintAsText).slice(0, -1);
  for (const [name, items] of Object.entries({ spans: trace.spans, logs: trace.logs })) {
    yield `,"${name}":[`;
    for (const [index, item] of items.entries()) yield `${index === 0 ? '' : ','}${JSON.stringify(item, bigintAsText)}`;
    yield ']';
  }
  yield '}';
}

/** The query, or the message for wrong parameters. */
function readQuery(parameters: URLSearchParams): TraceQuery | string {
  const query: TraceQuery = { error: parameters.get('error') === 'true' };
  const traceId = parameters.get('traceId');
  const service = parameters.get('service');
  const limit = parameters.get('limit') ?? '100';
  if (traceId !== null && !/^[0-9a-f]{0,32}$/i.test(traceId)) return 'traceId: expected up to 32 hexadecimal digits';
  if (!/^\d{1,4}$/.test(limit) || Number(limit) < 1 || Number(limit) > MAX_LIMIT) return `limit: expected a number from 1 to ${MAX_LIMIT}`;
  if (traceId !== null && traceId !== '') query.traceId = traceId;
  if (service !== null && service !== '') query.service = service;
  query.limit = Number(limit);
  return query;
}

/** Always true: the request is taken. */
function answer(request: IncomingMessage, response: ServerResponse, status: number, body: string | object): true {
  const text = typeof body === 'string' ? body : JSON.stringify(body, bigintAsText);
  const type = typeof body === 'string' ? 'text/html; charset=utf-8' : 'application/json';
  response.writeHead(status, { ...HEADERS, 'content-type': type, 'content-length': Buffer.byteLength(text) });
  response.end(request.method === 'HEAD' ? undefined : text);
  request.resume();
  return true;
}

function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
