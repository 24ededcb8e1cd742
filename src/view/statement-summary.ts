// Counts the calls of each database statement, and the time that they took.

import type { StatementSummary } from './api.js';
import { milliseconds } from './api-trace.js';
import type { SpanSearch } from './parameters.js';
import type { Span } from './telemetry.js';
import { TextMatch } from './text-match.js';
import { inSlices } from './time-slices.js';
import type { TraceStore } from './trace-store.js';

const ATTR_STATEMENT = 'db.query.text';
const ATTR_SYSTEM = 'db.system.name';
/** Statements that are counted; those that come later are left out. */
const MAX_STATEMENTS = 5_000;

type Counted = { -readonly [Key in keyof StatementSummary]: StatementSummary[Key] };

/** Most time in total first. */
export async function summarizeStatements(store: TraceStore, search: SpanSearch, signal?: AbortSignal): Promise<StatementSummary[]> {
  const statements = new Map<string, Counted>();
  const match = search.text === undefined ? undefined : new TextMatch(search.text);
  const visit = (span: Span): void => {
    const statement = span.attributes[ATTR_STATEMENT];
    if (typeof statement !== 'string' || (search.service !== undefined && span.service !== search.service)) return;
    if (match === undefined || match.in(statement)) count(statements, span, statement);
  };
  await inSlices(store.spans, visit, signal);
  return [...statements.values()].sort((left, right) => right.totalMs - left.totalMs).slice(0, search.limit);
}

function count(statements: Map<string, Counted>, span: Span, statement: string): void {
  const { service, traceId, spanId, status } = span;
  const system = span.attributes[ATTR_SYSTEM];
  const key = `${service}\n${String(system)}\n${statement}`;
  const known = statements.get(key);
  if (known === undefined && statements.size >= MAX_STATEMENTS) return;
  const ms = milliseconds(span.endTimeUnixNano - span.startTimeUnixNano);
  const counted = known ?? {
    statement,
    system: typeof system === 'string' ? system : '',
    service,
    calls: 0,
    errors: 0,
    totalMs: 0,
    maxMs: -1,
    slowest: { traceId, spanId },
  };
  statements.set(key, counted);
  counted.calls++;
  counted.totalMs += ms;
  if (status.code === 'ERROR') counted.errors++;
  if (ms <= counted.maxMs) return;
  counted.maxMs = ms;
  counted.slowest = { traceId, spanId };
}
