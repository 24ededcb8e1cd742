// Web server of the viewer: pages and a JSON API over a store, on the port that also takes OTLP.
// Its addresses and answers are in api.ts.

import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerJson, answerText, type Exchange } from './http-answer.js';
import { LiveEvents } from './live-events.js';
import type { Machine } from './machine.js';
import { MetricHistory } from './metric-history.js';
import { renderPage } from './page.js';
import { type PageFiles, readPageFiles } from './page-files.js';
import { PAGE_SCRIPT } from './page-script.js';
import { Refusal } from './refusal.js';
import { checkHost } from './site-guard.js';
import { answerApi, type Site, totalsOf } from './site-routes.js';
import type { TraceStore } from './trace-store.js';

export interface SiteOptions {
  /**
   * Host names, without port, that requests may be addressed to, beside `localhost` and addresses.
   */
  allowedHosts?: readonly string[];
  /** What was received of metrics; default: none. */
  metrics?: MetricHistory;
  machine?: Machine;
  /** Folder of the built page. */
  pageFolder?: string;
}

/** Only makes a path a URL. */
const BASE = 'http://localhost';
const SCRIPT_HASH = createHash('sha256').update(PAGE_SCRIPT).digest('base64');
/** Nothing from elsewhere, and of scripts and styles only those that are given here. */
const policy = (scripts: string, styles: string) =>
  `default-src 'none'; img-src 'self' data:; style-src ${styles}; script-src ${scripts}; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;
const BUILT_PAGE = policy("'self'", "'self'");
/** Its bars are placed by styles in the text. */
const RENDERED_PAGE = policy(`'sha256-${SCRIPT_HASH}'`, "'unsafe-inline'");
const PAGES = /^\/(?:(?:traces|logs|metrics|queues|now)(?:\/[^/]*)?)?$/;
const NO_MACHINE: Machine = {
  now: async () => ({ processes: [] }),
  status: () => ({ version: '', http: '', redis: false, scraped: [] }),
};

/**
 * A handler for `startReceiver`: takes the requests that are for the pages or the API, and leaves
 * the others to the receiver.
 */
export function createSite(store: TraceStore, options: SiteOptions = {}): (request: IncomingMessage, response: ServerResponse) => boolean {
  const { allowedHosts = [], metrics = new MetricHistory({ maxSeries: 0, maxBytes: 0 }), machine = NO_MACHINE, pageFolder } = options;
  const token = randomBytes(24).toString('base64url');
  const live = new LiveEvents(store, () => ({ ...machine.status(), totals: totalsOf(store, metrics) }));
  const site: Site = { store, metrics, machine, token, live };
  const page = pageFolder === undefined ? undefined : readPageFiles(pageFolder, token);
  store.onAdded((telemetry) => live.add(telemetry));
  return (request, response) => {
    const target = request.url ?? '/';
    if (!URL.canParse(target, BASE)) return false;
    const url = new URL(target, BASE);
    const exchange = { request, response, url };
    const answer = routeOf(site, page, exchange);
    if (answer === undefined) return false;
    Promise.resolve()
      .then(() => checkHost(request, allowedHosts))
      .then(answer)
      .catch((error: unknown) => refuse(exchange, error));
    return true;
  };
}

/** Undefined for what is not of the site. */
function routeOf(site: Site, page: PageFiles | undefined, exchange: Exchange): (() => void | Promise<void>) | undefined {
  const { pathname } = exchange.url;
  if (pathname.startsWith('/api/')) return () => answerApi(site, exchange);
  if (pathname !== '/' && page === undefined) return undefined;
  if (!PAGES.test(pathname) && !pathname.startsWith('/assets/')) return undefined;
  return () => {
    checkGet(exchange);
    if (pathname.startsWith('/assets/')) answerAsset(page, exchange);
    else answerPage(site, page, exchange);
  };
}

/** @throws {Refusal} for any other method. */
function checkGet({ request }: Exchange): void {
  if (request.method !== 'GET' && request.method !== 'HEAD') throw new Refusal(405, 'method not allowed', { allow: 'GET, HEAD' });
}

function answerPage({ store }: Site, page: PageFiles | undefined, exchange: Exchange): void {
  const text = page?.document ?? renderPage(store, exchange.url.searchParams).text;
  answerText(exchange, 200, text, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': page === undefined ? RENDERED_PAGE : BUILT_PAGE,
  });
}

function answerAsset(page: PageFiles | undefined, exchange: Exchange): void {
  const asset = page?.assets.get(exchange.url.pathname.slice('/assets/'.length));
  if (asset === undefined) throw new Refusal(404, 'not found');
  answerText(exchange, 200, asset.contents, { 'content-type': asset.type, 'content-security-policy': BUILT_PAGE });
}

function refuse(exchange: Exchange, error: unknown): void {
  const { request, response } = exchange;
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const refusal = error instanceof Refusal ? error : new Refusal(500, 'internal error');
  answerJson(exchange, refusal.status, { message: refusal.message }, refusal.headers);
  // Discards the rest of a refused body: a sender that cannot finish sending never reads the
  // answer.
  request.resume();
}
