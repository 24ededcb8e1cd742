// Counts requests by route and attempts at jobs by queue, and those that failed.

import type { RouteSummary } from './api.js';
import { milliseconds } from './api-trace.js';
import type { SpanSearch } from './parameters.js';
import type { Span } from './telemetry.js';
import { TextMatch } from './text-match.js';
import { inSlices } from './time-slices.js';
import type { TraceStore } from './trace-store.js';

/** Routes that are counted; those that come later are left out. */
const MAX_ROUTES = 5_000;
const MAX_FAILED = 5;
const MAX_TYPES = 20;

interface Counted {
  readonly route: string;
  readonly service: string;
  calls: number;
  errors: number;
  maxMs: number;
  readonly errorTypes: Map<string, number>;
  readonly failedTraces: string[];
}

/** Most errors first. */
export async function summarizeRoutes(store: TraceStore, search: SpanSearch, signal?: AbortSignal): Promise<RouteSummary[]> {
  const routes = new Map<string, Counted>();
  const match = search.text === undefined ? undefined : new TextMatch(search.text);
  const visit = (span: Span): void => {
    if ((span.kind !== 'SERVER' && span.kind !== 'CONSUMER') || (search.service !== undefined && span.service !== search.service)) return;
    const route = routeOf(span);
    if (match === undefined || match.in(route)) count(routes, span, route);
  };
  await inSlices(store.spans, visit, signal);
  return [...routes.values()]
    .sort((left, right) => right.errors - left.errors || right.calls - left.calls)
    .slice(0, search.limit)
    .map((counted) => ({
      ...counted,
      errorTypes: Object.fromEntries(counted.errorTypes),
      failedTraces: [...counted.failedTraces].reverse(),
    }));
}

/** `POST /webhooks/:source`; without a route the name of the span, which is one for a queue. */
function routeOf({ attributes, name }: Span): string {
  const route = attributes['http.route'];
  const method = attributes['http.request.method'];
  if (typeof route !== 'string') return name;
  return typeof method === 'string' ? `${method} ${route}` : route;
}

function count(routes: Map<string, Counted>, span: Span, route: string): void {
  const { service, traceId, status, attributes } = span;
  const key = `${service}\n${route}`;
  const known = routes.get(key);
  if (known === undefined && routes.size >= MAX_ROUTES) return;
  const counted = known ?? { route, service, calls: 0, errors: 0, maxMs: 0, errorTypes: new Map<string, number>(), failedTraces: [] };
  routes.set(key, counted);
  counted.calls++;
  counted.maxMs = Math.max(counted.maxMs, milliseconds(span.endTimeUnixNano - span.startTimeUnixNano));
  if (status.code !== 'ERROR') return;
  counted.errors++;
  const type = attributes['error.type'];
  const name = typeof type === 'string' ? type : 'unknown';
  if (counted.errorTypes.has(name) || counted.errorTypes.size < MAX_TYPES)
    counted.errorTypes.set(name, (counted.errorTypes.get(name) ?? 0) + 1);
  counted.failedTraces.push(traceId);
  if (counted.failedTraces.length > MAX_FAILED) counted.failedTraces.shift();
}
