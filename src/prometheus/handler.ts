// Handles requests for metrics: in the endpoint's own server and, as `metricsHandler()`, in a
// server of the app.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { acceptsGzip, chooseFormat } from './accept.js';
import type { Access } from './access.js';
import type { Format } from './format.js';
import type { RequestHandler } from './mounted-handler.js';
import type { Answer } from './scrape.js';

/** Answers scrapes; rejects when it has no answer. */
export interface Scrapable {
  scrape(format: Format): Promise<Answer>;
}

/** Time for a client of our own server to read an answer, whose memory is held until then. */
const READ_TIMEOUT_MS = 10_000;
/** Below this, gzip costs more than it saves. */
const MIN_GZIP_BYTES = 1_024;

/** The endpoint's own server: `/metrics`, and `/healthz` for probes. */
export function createEndpointHandler(metrics: RequestHandler): RequestHandler {
  return (request, response) => {
    const path = request.url?.split('?', 1)[0];
    if (path === '/metrics') metrics(request, response);
    else if (path !== '/healthz') sendText(request, response, 404, 'Not found; the metrics are at /metrics');
    else if (isGetOrHead(request, response)) sendText(request, response, 200, 'ok');
  };
}

/**
 * Answers with the metrics whatever the path is: GET and HEAD, in the format of the Accept
 * header, gzip where accepted.
 * @param server the owner of the server: middleware of an app may keep the body that was sent
 */
export function createMetricsHandler(scraper: Scrapable, access: Access | undefined, server: 'own' | 'app'): RequestHandler {
  return (request, response) => {
    if (!isGetOrHead(request, response)) return;
    if (access !== undefined && !access.allows(request.headers.authorization)) {
      response.setHeader('WWW-Authenticate', access.challenge);
      sendText(request, response, 401, 'Unauthorized');
      return;
    }
    sendMetrics(scraper, request, response, server).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      if (response.headersSent) response.destroy();
      else sendText(request, response, 503, `Metrics could not be collected: ${reason}`);
    });
  };
}

async function sendMetrics(scraper: Scrapable, request: IncomingMessage, response: ServerResponse, server: 'own' | 'app'): Promise<void> {
  const format = chooseFormat(request.headers.accept);
  const answer = await scraper.scrape(format);
  answer.hold();
  if (server === 'own') {
    const timer = setTimeout(() => response.destroy(), READ_TIMEOUT_MS).unref();
    response.once('close', () => {
      clearTimeout(timer);
      answer.letGo();
    });
  }
  const gzip = answer.body.length >= MIN_GZIP_BYTES && acceptsGzip(headerText(request.headers['accept-encoding']));
  const body = await bodyOf(answer, gzip);
  response.statusCode = 200;
  response.setHeader('Content-Type', format.contentType);
  response.setHeader('Vary', 'Accept, Accept-Encoding');
  response.setHeader('Cache-Control', 'no-store');
  if (gzip) response.setHeader('Content-Encoding', 'gzip');
  send(request, response, body);
}

function bodyOf(answer: Answer, gzip: boolean): Buffer | Promise<Buffer> {
  return gzip ? answer.gzipped() : answer.body;
}

/** Answers 405 and returns false for other methods than GET and HEAD. */
function isGetOrHead(request: IncomingMessage, response: ServerResponse): boolean {
  if (request.method === 'GET' || request.method === 'HEAD') return true;
  response.setHeader('Allow', 'GET, HEAD');
  sendText(request, response, 405, 'Method not allowed');
  return false;
}

function sendText(request: IncomingMessage, response: ServerResponse, status: number, text: string): void {
  response.statusCode = status;
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  send(request, response, Buffer.from(`${text}\n`));
}

function send(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
  response.setHeader('Content-Length', body.length);
  response.end(request.method === 'HEAD' ? undefined : body);
}

function headerText(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(',') : header;
}
