// The addresses of the viewer's JSON API, and what answers each.

import { MAX_IMPORT_BYTES, MAX_LISTED, type Totals } from './api.js';
import { apiLog, apiSpan, summaryOf } from './api-trace.js';
import { answerJson, answerPieces, type Exchange } from './http-answer.js';
import { readTraceFile } from './import-file.js';
import type { LiveEvents } from './live-events.js';
import { searchLogs } from './log-search.js';
import type { Machine } from './machine.js';
import { apiSeries, type MetricHistory } from './metric-history.js';
import { traceFile } from './otlp-writer.js';
import { readLogSearch, readSpanSearch, readText, readTraceSearch } from './parameters.js';
import { summarizeBreakers, summarizeQueues } from './queue-summary.js';
import { Refusal } from './refusal.js';
import { BodyBudget, withBody } from './request-body.js';
import { summarizeRoutes } from './route-summary.js';
import { checkLocal, checkPost } from './site-guard.js';
import { summarizeStatements } from './statement-summary.js';
import { facetsOf, searchTraces } from './trace-search.js';
import type { Trace, TraceStore } from './trace-store.js';

export interface Site {
  readonly store: TraceStore;
  readonly metrics: MetricHistory;
  readonly machine: Machine;
  readonly live: LiveEvents;
  /** What a page must send to change something. */
  readonly token: string;
}

type Answer = (site: Site, exchange: Exchange, parts: readonly string[]) => void | Promise<void>;

interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: RegExp;
  readonly answer: Answer;
}

const MAX_FACETS = 500;
/** Files that are being received at once. */
const imports = new BodyBudget(2 * MAX_IMPORT_BYTES);

const ROUTES: readonly Route[] = [
  { method: 'GET', path: /^\/api\/traces$/, answer: listTraces },
  { method: 'GET', path: /^\/api\/traces\/([0-9a-f]{32})$/i, answer: showTrace },
  { method: 'GET', path: /^\/api\/traces\/([0-9a-f]{32})\/export$/i, answer: exportTrace },
  { method: 'POST', path: /^\/api\/import$/, answer: importFile },
  { method: 'GET', path: /^\/api\/logs$/, answer: listLogs },
  { method: 'GET', path: /^\/api\/metrics$/, answer: listMetrics },
  { method: 'GET', path: /^\/api\/metrics\/series$/, answer: showSeries },
  { method: 'GET', path: /^\/api\/statements$/, answer: listStatements },
  { method: 'GET', path: /^\/api\/routes$/, answer: listRoutes },
  { method: 'GET', path: /^\/api\/queues$/, answer: listQueues },
  { method: 'GET', path: /^\/api\/queues\/([^/]+)\/dead-letters$/, answer: listDeadLetters },
  { method: 'POST', path: /^\/api\/queues\/([^/]+)\/dead-letters\/([^/]+)\/replay$/, answer: replayDeadLetter },
  { method: 'GET', path: /^\/api\/now$/, answer: showNow },
  { method: 'GET', path: /^\/api\/status$/, answer: showStatus },
  { method: 'GET', path: /^\/api\/events$/, answer: ({ live }, exchange) => live.open(exchange) },
];

/** @throws {Refusal} */
export async function answerApi(site: Site, exchange: Exchange): Promise<void> {
  const { pathname } = exchange.url;
  const routes = ROUTES.filter(({ path }) => path.test(pathname));
  if (routes.length === 0) throw new Refusal(404, 'not found');
  const asked = exchange.request.method === 'HEAD' ? 'GET' : exchange.request.method;
  const route = routes.find(({ method }) => method === asked);
  if (route === undefined) {
    const allow = routes.map(({ method }) => (method === 'GET' ? 'GET, HEAD' : method)).join(', ');
    throw new Refusal(405, 'method not allowed', { allow });
  }
  if (route.method === 'POST') checkPost(exchange.request, site.token);
  await route.answer(site, exchange, (route.path.exec(pathname)?.slice(1) ?? []).map(decodePart));
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Refusal(400, 'the address is not well formed');
  }
}

export function totalsOf(store: TraceStore, metrics: MetricHistory): Totals {
  const { bytes, ...counts } = store.counts;
  const { bytes: metricBytes, ...series } = metrics.counts;
  return { ...counts, ...series, bytes: Math.round(bytes + metricBytes) };
}

async function listTraces({ store, metrics }: Site, exchange: Exchange): Promise<void> {
  const search = readTraceSearch(exchange.url.searchParams);
  const { traces, total } = await searchTraces(store, search, whileOpen(exchange));
  const summaries = traces.map((trace) => summaryOf(trace, store.logCount(trace.traceId)));
  answerJson(exchange, 200, { traces: summaries, total, ...facetsOf(store.newestFirst(), MAX_FACETS), totals: totalsOf(store, metrics) });
}

/** Aborts when the client has gone. */
function whileOpen({ response }: Exchange): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => controller.abort());
  return controller.signal;
}

function showTrace({ store }: Site, exchange: Exchange, [traceId = '']: readonly string[]): void {
  const trace = knownTrace(store, traceId);
  const indexed = store.indexed(trace.traceId);
  const summary = indexed === undefined ? {} : summaryOf(indexed, trace.logs.length);
  answerPieces(exchange, traceJson(summary, trace));
}

/** One span or log record a line, so that the page can read a long trace in slices. */
function* traceJson(summary: object, { spans, logs }: Trace): Generator<string> {
  yield `${JSON.stringify(summary).slice(0, -1)},"spans":[`;
  for (const [index, span] of spans.entries()) yield `${index === 0 ? '' : ','}\n${JSON.stringify(apiSpan(span))}`;
  yield '\n],"logs":[';
  for (const [index, log] of logs.entries()) yield `${index === 0 ? '' : ','}\n${JSON.stringify(apiLog(log, index + 1))}`;
  yield '\n]}';
}

function knownTrace(store: TraceStore, traceId: string): Trace {
  const trace = store.trace(traceId);
  if (trace.spans.length === 0) throw new Refusal(404, 'not found: the trace has not arrived, or newer ones have taken its place');
  return trace;
}

function exportTrace({ store }: Site, exchange: Exchange, [traceId = '']: readonly string[]): void {
  const trace = knownTrace(store, traceId);
  const name = `attachment; filename="trace-${trace.traceId}.json"`;
  answerPieces(exchange, traceFile(trace.spans, trace.logs), { 'content-disposition': name });
}

async function importFile({ store }: Site, exchange: Exchange): Promise<void> {
  const { request } = exchange;
  const bounds = { maxBytes: MAX_IMPORT_BYTES, budget: imports, announced: Number(request.headers['content-length'] ?? 0) };
  const telemetry = await withBody(request.iterator({ destroyOnReturn: false }), bounds, (body) => {
    try {
      return readTraceFile(body);
    } catch (error) {
      throw new Refusal(400, `the file was not read: ${error instanceof Error ? error.message : 'unreadable'}`);
    }
  });
  if (telemetry.spans.length + telemetry.logs.length === 0) {
    throw new Refusal(400, 'the file was not read: expected OTLP JSON (resourceSpans) or JSON of Jaeger (data)');
  }
  store.add(telemetry);
  const traceIds = [...new Set(telemetry.spans.map(({ traceId }) => traceId))].slice(0, MAX_LISTED.traces);
  answerJson(exchange, 200, { traceIds });
}

async function listLogs({ store }: Site, exchange: Exchange): Promise<void> {
  const { logs, ...rest } = await searchLogs(store, readLogSearch(exchange.url.searchParams), whileOpen(exchange));
  answerJson(exchange, 200, { logs: logs.map(({ record, id }) => apiLog(record, id)), ...rest });
}

function listMetrics({ metrics }: Site, exchange: Exchange): void {
  answerJson(exchange, 200, { metrics: metrics.summaries() });
}

function showSeries({ store, metrics }: Site, exchange: Exchange): void {
  const parameters = exchange.url.searchParams;
  const name = readText(parameters, 'name');
  if (name === undefined) throw new Refusal(400, 'name: expected the name of a metric');
  const series = metrics.series(name, readText(parameters, 'service'));
  const isKnown = (traceId: string) => store.indexed(traceId) !== undefined;
  answerJson(exchange, 200, {
    series: series.slice(0, MAX_LISTED.series).map((each) => apiSeries(each, isKnown)),
    total: series.length,
  });
}

async function listStatements({ store }: Site, exchange: Exchange): Promise<void> {
  const search = readSpanSearch(exchange.url.searchParams, MAX_LISTED.statements);
  answerJson(exchange, 200, { statements: await summarizeStatements(store, search, whileOpen(exchange)) });
}

async function listRoutes({ store }: Site, exchange: Exchange): Promise<void> {
  const search = readSpanSearch(exchange.url.searchParams, MAX_LISTED.routes);
  answerJson(exchange, 200, { routes: await summarizeRoutes(store, search, whileOpen(exchange)) });
}

function listQueues({ metrics }: Site, exchange: Exchange): void {
  answerJson(exchange, 200, { queues: summarizeQueues(metrics), breakers: summarizeBreakers(metrics) });
}

function deadLettersOf({ machine }: Site, { request }: Exchange): NonNullable<Machine['deadLetters']> {
  checkLocal(request);
  if (machine.deadLetters === undefined) {
    throw new Refusal(409, 'dead letters are read from Redis: start the viewer with --redis redis://127.0.0.1:6379');
  }
  return machine.deadLetters;
}

async function listDeadLetters(site: Site, exchange: Exchange, [queue = '']: readonly string[]): Promise<void> {
  const deadLetters = await deadLettersOf(site, exchange).list(queue, MAX_LISTED.deadLetters);
  if (deadLetters === undefined) throw new Refusal(404, 'not found: Redis has no such queue');
  answerJson(exchange, 200, { deadLetters });
}

async function replayDeadLetter(site: Site, exchange: Exchange, [queue = '', id = '']: readonly string[]): Promise<void> {
  if (!(await deadLettersOf(site, exchange).replay(queue, id))) throw new Refusal(404, 'not found: the queue has no such dead letter');
  answerJson(exchange, 200, { replayed: id });
}

async function showNow({ machine }: Site, exchange: Exchange): Promise<void> {
  checkLocal(exchange.request);
  answerJson(exchange, 200, await machine.now());
}

function showStatus({ store, metrics, machine }: Site, exchange: Exchange): void {
  answerJson(exchange, 200, { ...machine.status(), totals: totalsOf(store, metrics) });
}
