// The list of traces as it is kept in the page: fetched by chunks, then kept up to date by what the server tells.
import { signal } from '@preact/signals';
import type { Added, TraceSummary, TracesAnswer } from '../../api.js';
import { explain, getJson } from '../parts/api-client.js';
import { totals } from '../parts/live.js';
import { compareBy, isFound, isOpen, queryOf, type TraceSearch } from './trace-search.js';

/** Most traces in the list. */
export const MAX_TRACES = 20_000;
const CHUNK = 1_000;

export interface Choices {
  readonly services: readonly string[];
  readonly routes: readonly string[];
  readonly keepReasons: readonly string[];
}

export const traces = signal<readonly TraceSummary[]>([]);
/** All that the server finds. */
export const found = signal(0);
export const choices = signal<Choices>({ services: [], routes: [], keepReasons: [] });
/** Why there is no list. */
export const failure = signal('');
/** The search that the list answers; undefined before the first answer. */
export const shownSearch = signal<TraceSearch | undefined>(undefined);

/** Fetches the whole list. That of another search appears as it comes; the same one again is put in its place when it is whole, so that nothing jumps. */
export async function fetchTraces(search: TraceSearch, signal: AbortSignal): Promise<void> {
  const isAgain = shownSearch.value === search;
  let list: readonly TraceSummary[] = [];
  try {
    for (let offset = 0; offset < MAX_TRACES; offset += CHUNK) {
      const { traces: chunk, total } = await fetchChunk(search, offset, signal);
      if (signal.aborted) return;
      list = merge(list, chunk, search);
      const isWhole = chunk.length === 0 || offset + CHUNK >= total;
      if (isWhole || !isAgain) traces.value = list;
      shownSearch.value = search;
      if (isWhole) return;
    }
    traces.value = list;
  } catch (error) {
    if (!signal.aborted) failure.value = explain(error);
  }
}

/** Fetches the first chunk, and puts it into the list. */
export async function fetchNewest(search: TraceSearch, signal: AbortSignal): Promise<void> {
  try {
    const { traces: newest } = await fetchChunk(search, 0, signal);
    if (!signal.aborted) traces.value = merge(traces.value, newest, search);
  } catch (error) {
    if (!signal.aborted) failure.value = explain(error);
  }
}

async function fetchChunk(search: TraceSearch, offset: number, signal: AbortSignal): Promise<TracesAnswer> {
  const answer = await getJson<TracesAnswer>(`/api/traces?${queryOf(search, CHUNK, offset)}`, signal);
  if (signal.aborted) return answer;
  failure.value = '';
  found.value = answer.total;
  totals.value = answer.totals;
  const { services, routes, keepReasons } = answer;
  choices.value = { services, routes, keepReasons };
  return answer;
}

/** What the list needs after an event: nothing, the first chunk, or all again because the store has dropped much of it. */
export function addTraces(added: Added, search: TraceSearch): 'nothing' | 'newest' | 'all' {
  const changed: TraceSummary[] = [];
  let isUnknown = added.more === true;
  for (const trace of added.traces) {
    const isIn = isFound(trace, search);
    if (isIn === undefined) isUnknown = true;
    else if (isIn) changed.push(trace);
  }
  if (changed.length > 0) {
    const before = traces.value.length;
    traces.value = merge(traces.value, changed, search);
    found.value += traces.value.length - before;
  }
  if (isOpen(search)) {
    found.value = added.totals.traces;
    if (traces.value.length > added.totals.traces * 1.1 + 100) return 'all';
  }
  return isUnknown ? 'newest' : 'nothing';
}

/** Both lists in one, in order; those of `changed` take the place of their older selves. */
export function merge(list: readonly TraceSummary[], changed: readonly TraceSummary[], search: TraceSearch): TraceSummary[] {
  const compare = compareBy(search);
  const replaced = new Set(changed.map(({ traceId }) => traceId));
  const kept = list.filter(({ traceId }) => !replaced.has(traceId));
  const added = [...changed].sort(compare);
  const merged: TraceSummary[] = [];
  let at = 0;
  for (const trace of added) {
    for (let next = kept[at]; next !== undefined && compare(next, trace) <= 0; next = kept[++at]) merged.push(next);
    merged.push(trace);
  }
  return [...merged, ...kept.slice(at)].slice(0, MAX_TRACES);
}
