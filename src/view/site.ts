// Web server of the viewer: pages and a JSON API over a store, on the port that also takes OTLP.
// Its addresses and answers are in api.ts.

import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerJson, answerText, type Exchange } from './http-answer.js';
import { LiveEvents } from './live-events.js';
import type { Machine } from './machine.js';
import { MetricHistory } from './metric-history.js';
import { type PageFiles, readPageFiles } from './page-files.js';
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
/** Nothing from elsewhere (the icon is in the page), no script and no style but ours: the page sets what varies by the CSSOM. */
const POLICY =
  "default-src 'none'; img-src 'self' data:; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const NOT_BUILT: PageFiles = {
  document: '<!doctype html><title>sietch-otel view</title>The page has not been built: npm run build',
  assets: new Map(),
};
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
  const page = (pageFolder === undefined ? undefined : readPageFiles(pageFolder, token)) ?? NOT_BUILT;
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
function routeOf(site: Site, page: PageFiles, exchange: Exchange): (() => void | Promise<void>) | undefined {
  const { pathname } = exchange.url;
  if (pathname.startsWith('/api/')) return () => answerApi(site, exchange);
  if (!PAGES.test(pathname) && !pathname.startsWith('/assets/')) return undefined;
  return () => {
    checkGet(exchange);
    if (pathname.startsWith('/assets/')) answerAsset(page, exchange);
    else answerPage(page, exchange);
  };
}

/** @throws {Refusal} for any other method. */
function checkGet({ request }: Exchange): void {
  if (request.method !== 'GET' && request.method !== 'HEAD') throw new Refusal(405, 'method not allowed', { allow: 'GET, HEAD' });
}

function answerPage({ document }: PageFiles, exchange: Exchange): void {
  answerText(exchange, 200, document, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': POLICY });
}

function answerAsset({ assets }: PageFiles, exchange: Exchange): void {
  const asset = assets.get(exchange.url.pathname.slice('/assets/'.length));
  if (asset === undefined) throw new Refusal(404, 'not found');
  answerText(exchange, 200, asset.contents, { 'content-type': asset.type, 'content-security-policy': POLICY });
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
