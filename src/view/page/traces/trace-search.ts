// The search of the list of traces: read from the page's address, written as the server's parameters.
import { TRACE_SORTS, type TraceSort, type TraceSummary } from '../../api.js';

export interface TraceSearch {
  /** As typed: text, and `key=value`. */
  readonly text: string;
  readonly service: string;
  readonly route: string;
  readonly kept: string;
  /** As typed: milliseconds. */
  readonly minMs: string;
  readonly error: boolean;
  readonly sort: TraceSort;
  readonly order: 'asc' | 'desc';
}

export function readSearch(parameters: URLSearchParams): TraceSearch {
  const text = (name: string): string => parameters.get(name) ?? '';
  return {
    text: text('q'),
    service: text('service'),
    route: text('route'),
    kept: text('kept'),
    minMs: /^\d{1,9}(\.\d{1,6})?$/.test(text('minMs')) ? text('minMs') : '',
    error: text('error') === 'true',
    sort: TRACE_SORTS.find((sort) => sort === text('sort')) ?? 'start',
    order: text('order') === 'asc' ? 'asc' : 'desc',
  };
}

/** Whether nothing is looked for: the order does not count. */
export function isOpen({ text, service, route, kept, minMs, error }: TraceSearch): boolean {
  return !error && [text, service, route, kept, minMs].every((each) => each.trim() === '');
}

/** Words with `=` are attributes; a value with spaces stands in double quotes. */
export function splitText(text: string): { readonly words: string; readonly attributes: readonly string[] } {
  const attributes: string[] = [];
  const words = text.replace(/(^|\s)([\w.\-/:]+)=("[^"]*"|\S+)/g, (_whole, space: string, key: string, value: string) => {
    attributes.push(`${key}=${value.replace(/^"(.*)"$/, '$1')}`);
    return space;
  });
  return { words: words.trim(), attributes };
}

export function queryOf(search: TraceSearch, limit: number, offset: number): string {
  const { words, attributes } = splitText(search.text);
  const parameters = new URLSearchParams();
  const given = { q: words, service: search.service, route: search.route, kept: search.kept, minMs: search.minMs };
  for (const [name, value] of Object.entries(given)) if (value !== '') parameters.set(name, value);
  for (const attribute of attributes) parameters.append('attribute', attribute);
  if (search.error) parameters.set('error', 'true');
  parameters.set('sort', search.sort);
  parameters.set('order', search.order);
  parameters.set('limit', String(limit));
  parameters.set('offset', String(offset));
  return parameters.toString();
}

/** Whether a trace is found by the search, or undefined where only the server can tell. */
export function isFound(trace: TraceSummary, { text, service, route, kept, minMs, error }: TraceSearch): boolean | undefined {
  if (text.trim() !== '' || route !== '') return undefined;
  if (service !== '' && !trace.services.includes(service)) return false;
  if (kept !== '' && trace.keepReason !== kept) return false;
  if (error && trace.errorCount === 0) return false;
  return trace.durationMs >= Number(minMs);
}

export function compareBy({ sort, order }: Pick<TraceSearch, 'sort' | 'order'>): (one: TraceSummary, other: TraceSummary) => number {
  const sign = order === 'asc' ? 1 : -1;
  if (sort === 'duration') return (one, other) => sign * (one.durationMs - other.durationMs) || byStart(one, other);
  if (sort === 'spans') return (one, other) => sign * (one.spanCount - other.spanCount) || byStart(one, other);
  return (one, other) => -sign * byStart(one, other);
}

/** The latest first. */
function byStart({ startTimeUnixNano: one }: TraceSummary, { startTimeUnixNano: other }: TraceSummary): number {
  return other.length - one.length || (one === other ? 0 : one < other ? 1 : -1);
}
