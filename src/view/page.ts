// Renders the page: search, list of traces and the chosen trace. Rendered whole on each request, so
// that its address determines all that it shows.

import { count, formatDuration } from './format.js';
import { Html, html } from './html.js';
import { PAGE_SCRIPT } from './page-script.js';
import { PAGE_STYLE } from './page-style.js';
import { serviceStyle } from './service-color.js';
import { renderTrace } from './trace-page.js';
import type { Trace, TraceQuery, TraceStore } from './trace-store.js';
import { summarize, type TraceSummary } from './trace-summary.js';

/** Traces in the list, and how many more each "show more" brings. */
const LISTED = 200;
/** A browser has its limits. */
const MAX_LISTED = 2_000;
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16' fill='%232f6fde'%3E%3Cpath d='M1 2h9v3H1zm3 4.5h7v3H4zM9 11h6v3H9z'/%3E%3C/svg%3E";

/**
 * @param parameters of the address: `id` (the beginning of a trace id), `service`, `error`,
 * `limit`, and `trace`, the one to show
 */
export function renderPage(store: TraceStore, parameters: URLSearchParams): Html {
  const search = readSearch(parameters);
  // One more than is listed tells whether there are more.
  const found = search.valid ? store.search({ ...search.query, limit: search.limit + 1 }) : [];
  const summaries = found.slice(0, search.limit).map(summarize);
  // A search for one trace shows it.
  const chosen = parameters.get('trace') ?? (search.id !== '' && summaries.length === 1 ? summaries[0]?.traceId : undefined) ?? '';
  const trace = chosen === '' ? undefined : store.trace(chosen);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${titleOf(trace)}</title>
<link rel="icon" href="${ICON}">
<style>${new Html(PAGE_STYLE)}</style>
</head>
<body>
<header>
  <h1><a href="/">sietch-otel</a> view</h1>
  ${renderSearch(search, store.services())}
  <div id="stats">${count(store.spans.length, 'span')} &middot; ${count(store.logs.length, 'log record')}</div>
</header>
<nav id="list" aria-label="Traces">${renderList(summaries, search, chosen)}${found.length > search.limit ? renderMore(search, chosen) : ''}</nav>
<main id="trace">${renderMain(store, trace, chosen)}</main>
<script>${new Html(PAGE_SCRIPT)}</script>
</body>
</html>
`;
}

interface Search {
  query: TraceQuery;
  valid: boolean;
  id: string;
  service: string;
  error: boolean;
  limit: number;
}

function readSearch(parameters: URLSearchParams): Search {
  const id = (parameters.get('id') ?? '').trim().toLowerCase();
  const service = parameters.get('service') ?? '';
  const error = parameters.get('error') === 'true';
  const limit = Math.min(MAX_LISTED, Math.max(1, Number.parseInt(parameters.get('limit') ?? '', 10) || LISTED));
  const query: TraceQuery = { error };
  if (id !== '') query.traceId = id;
  if (service !== '') query.service = service;
  return { query, valid: /^[0-9a-f]{0,32}$/.test(id), id, service, error, limit };
}

function titleOf(trace: Trace | undefined): string {
  const name = trace === undefined || trace.spans.length === 0 ? '' : `${summarize(trace).name} · `;
  return `${name}sietch-otel view`;
}

function renderSearch(search: Search, services: readonly string[]): Html {
  const options = services.map((name) => html`<option value="${name}"${search.service === name ? html` selected` : ''}>${name}</option>`);
  return html`<form id="search" action="/" role="search">
    <input type="search" name="id" value="${search.id}" placeholder="trace id, or its beginning" aria-label="Trace id" spellcheck="false" autocomplete="off">
    <select name="service" aria-label="Service"><option value="">all services</option>${options}</select>
    <label><input type="checkbox" name="error" value="true"${search.error ? html` checked` : ''}> errors only</label>
    <button>Search</button>
  </form>`;
}

function renderList(summaries: readonly TraceSummary[], search: Search, chosen: string): Html {
  if (!search.valid) return html`<p class="empty error">A trace id is up to 32 hexadecimal digits.</p>`;
  if (summaries.length === 0) return html`<p class="empty dim">No trace matches.</p>`;
  return html`${summaries.map((summary) => renderItem(summary, search, summary.traceId === chosen))}`;
}

/** The list does not end without a word. */
function renderMore(search: Search, chosen: string): Html {
  const limit = Math.min(MAX_LISTED, search.limit + LISTED);
  const more = html`<a href="${addressOf({ ...search, limit }, chosen)}">Show ${limit - search.limit} more</a>`;
  return html`<p class="more dim small">The ${search.limit} traces that grew last; older ones are not listed.${limit > search.limit ? more : ' Narrow the search to see them.'}</p>`;
}

function addressOf(search: Search, traceId: string): string {
  const parameters = new URLSearchParams();
  if (search.id !== '') parameters.set('id', search.id);
  if (search.service !== '') parameters.set('service', search.service);
  if (search.error) parameters.set('error', 'true');
  if (search.limit !== LISTED) parameters.set('limit', String(search.limit));
  if (traceId !== '') parameters.set('trace', traceId);
  return `/?${parameters.toString()}`;
}

function renderItem(summary: TraceSummary, search: Search, current: boolean): Html {
  return html`<a href="${addressOf(search, summary.traceId)}"${current ? html` aria-current="true"` : ''}>
    <div class="item"><b>${summary.name}</b>${summary.errorCount > 0 ? html`<span class="badge">${count(summary.errorCount, 'error')}</span>` : ''}<span class="small">${formatDuration(summary.durationNanos)}</span></div>
    <div class="item small dim"><span class="dim dot" style="${serviceStyle(summary.service)}">${summary.services.join(', ')}</span><span>${count(summary.spanCount, 'span')}</span><span>${timeOfDay(summary.startTimeUnixNano)}</span></div>
  </a>`;
}

function renderMain(store: TraceStore, trace: Trace | undefined, chosen: string): Html {
  if (trace !== undefined && trace.spans.length > 0) return renderTrace(trace);
  if (chosen !== '')
    return html`<div class="empty"><h2>No such trace</h2><p class="dim">It has not arrived, or newer ones have taken its place.</p></div>`;
  if (store.spans.length > 0) return html`<div class="empty dim">Choose a trace from the list.</div>`;
  return html`<div class="empty"><h2>Waiting for telemetry</h2>
<p>Start an app on this machine with the preload: it sends its traces here by default.</p>
<pre>node --require @sietch/otel/register app.js</pre>
<p class="dim">Log records come along with <code>OTEL_LOGS_EXPORTER=otlp</code>. Where this viewer listens on another port than 4318, set <code>OTEL_EXPORTER_OTLP_ENDPOINT</code> to its address.</p></div>`;
}

function timeOfDay(nanoseconds: bigint): string {
  return new Date(Number(nanoseconds / 1_000_000n)).toLocaleTimeString('en-GB');
}
