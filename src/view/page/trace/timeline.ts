// One trace as the page draws it: the tree of its spans, with what each waited for and which of them the trace's end waited for.
import type { ApiLog, ApiSpan, TraceAnswer } from '../../api.js';
import { inSlices, othersFirst } from '../../time-slices.js';
import { timeOf } from '../parts/log-time.js';
import { earlier, sinceMoment } from '../parts/nanoseconds.js';
import { groupAttempts } from './attempts.js';
import { walkCriticalPath } from './critical-path.js';
import type { Item, LogItem, SpanItem } from './items.js';
import { buildTree } from './tree.js';
import { findWaits } from './waits.js';

export interface Timeline {
  readonly answer: TraceAnswer;
  /** Nanoseconds from the start of the trace on, of a moment as the API writes it. */
  readonly since: (moment: string) => number;
  readonly duration: number;
  readonly roots: readonly Item[];
  readonly spans: ReadonlyMap<string, SpanItem>;
  /** Those of no span that has arrived. */
  readonly logs: readonly LogItem[];
}

/** In slices: the page stays quick while a trace of many thousand spans grows. */
export async function buildTimeline(answer: TraceAnswer, signal?: AbortSignal): Promise<Timeline> {
  const start = answer.spans.reduce(
    (first, { startTimeUnixNano }) => earlier(first, startTimeUnixNano),
    answer.spans[0]?.startTimeUnixNano ?? '0',
  );
  const since = sinceMoment(start);
  const spans = new Map<string, SpanItem>();
  await inSlices(answer.spans, (span) => spans.set(span.spanId, itemOf(span, since)), signal);
  await othersFirst();
  const roots = buildTree(spans);
  await othersFirst();
  const loose = putLogs(answer.logs, spans, since);
  walkCriticalPath(roots);
  findWaits(spans.values());
  const duration = [...spans.values()].reduce((latest, { end }) => Math.max(latest, end), 0);
  return { answer, since, duration, roots: groupAttempts(roots, spans), spans, logs: loose };
}

function itemOf(span: ApiSpan, since: (nanoseconds: string) => number): SpanItem {
  const start = since(span.startTimeUnixNano);
  const end = Math.max(start, since(span.endTimeUnixNano));
  return {
    kind: 'span',
    id: span.spanId,
    span,
    start,
    end,
    parent: undefined,
    children: [],
    logs: [],
    waits: [],
    critical: [],
    lastEnd: end,
  };
}

/** Returns those of no span. */
function putLogs(logs: readonly ApiLog[], spans: ReadonlyMap<string, SpanItem>, since: (nanoseconds: string) => number): LogItem[] {
  const loose: LogItem[] = [];
  for (const log of logs) {
    const item = { log, at: since(timeOf(log)) };
    (spans.get(log.spanId)?.logs ?? loose).push(item);
  }
  return loose;
}
