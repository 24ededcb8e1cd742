// Searches the traces of a store: by text, attributes and facts of the index; sorted, a page of the
// list at a time.

import type { TraceSort } from './api.js';
import { valueText } from './format.js';
import type { IndexedTrace } from './indexed-trace.js';
import { compareBigints } from './span-tree.js';
import type { Attributes, Span } from './telemetry.js';
import { TextMatch } from './text-match.js';
import { inSlices } from './time-slices.js';
import type { TraceStore } from './trace-store.js';

/** Every given condition must hold. */
export interface TraceSearch {
  readonly text?: string | undefined;
  readonly service?: string | undefined;
  readonly route?: string | undefined;
  /** A span or its resource has it; without a value: has the key. */
  readonly attributes: readonly { readonly key: string; readonly value?: string | undefined }[];
  readonly minMs?: number | undefined;
  readonly error: boolean;
  readonly keepReason?: string | undefined;
  readonly sort: TraceSort;
  readonly order: 'asc' | 'desc';
  readonly limit: number;
  readonly offset: number;
}

export interface FoundTraces {
  readonly traces: readonly IndexedTrace[];
  readonly total: number;
}

export async function searchTraces(store: TraceStore, search: TraceSearch, signal?: AbortSignal): Promise<FoundTraces> {
  const found: IndexedTrace[] = [];
  const isMatch = matcher(search);
  const visit = (trace: IndexedTrace): void => {
    if (isMatch(trace)) found.push(trace);
  };
  await inSlices(store.newestFirst(), visit, signal);
  const direction = search.order === 'asc' ? 1 : -1;
  const compare = COMPARISONS[search.sort];
  found.sort((left, right) => direction * compare(left, right));
  return { traces: found.slice(search.offset, search.offset + search.limit), total: found.length };
}

const COMPARISONS: Readonly<Record<TraceSort, (left: IndexedTrace, right: IndexedTrace) => number>> = {
  start: (left, right) => compareBigints(left.startTimeUnixNano, right.startTimeUnixNano),
  duration: (left, right) => compareBigints(durationOf(left), durationOf(right)),
  spans: (left, right) => left.spans.length - right.spans.length,
};

function durationOf({ startTimeUnixNano, endTimeUnixNano }: IndexedTrace): bigint {
  return endTimeUnixNano - startTimeUnixNano;
}

function matcher(search: TraceSearch): (trace: IndexedTrace) => boolean {
  const { text, service, route, minMs, error, keepReason } = search;
  const attributes = search.attributes.map(({ key, value }) => ({ key: asPropertyName(key), value }));
  const least = minMs === undefined ? undefined : BigInt(Math.round(minMs * 1e6));
  const match = text === undefined ? undefined : new TextMatch(text);
  const idPrefix = text?.toLowerCase();
  return (trace) => {
    if (error && trace.errorCount === 0) return false;
    if (service !== undefined && !trace.services.has(service)) return false;
    if (route !== undefined && trace.route !== route) return false;
    if (keepReason !== undefined && trace.keepReason !== keepReason) return false;
    if (least !== undefined && durationOf(trace) < least) return false;
    if (!attributes.every((wanted) => trace.spans.some((span) => hasAttribute(span, wanted)))) return false;
    if (match === undefined || idPrefix === undefined) return true;
    return trace.traceId.startsWith(idPrefix) || trace.spans.some((span) => hasText(span, match));
  };
}

/** The same text as V8 keeps it for names of properties: a lookup by another copy begins with looking for that one. */
function asPropertyName(key: string): string {
  const [name = key] = Object.keys({ [key]: true });
  return name;
}

function hasAttribute({ attributes, resource }: Span, { key, value }: TraceSearch['attributes'][number]): boolean {
  return hasValue(attributes, key, value) || hasValue(resource, key, value);
}

function hasValue(attributes: Attributes, key: string, value: string | undefined): boolean {
  if (!Object.hasOwn(attributes, key)) return false;
  return value === undefined || valueText(attributes[key] ?? null) === value;
}

function hasText({ name, service, status, attributes, events }: Span, match: TextMatch): boolean {
  if (match.in(name) || match.in(service) || match.in(status.message) || match.inValues(attributes)) return true;
  return events.some((event) => match.in(event.name) || match.inValues(event.attributes));
}

/** What there is to choose from, sorted; at most `most` of each. */
export function facetsOf(traces: readonly IndexedTrace[], most: number): { services: string[]; routes: string[]; keepReasons: string[] } {
  const services = new Set<string>();
  const routes = new Set<string>();
  const keepReasons = new Set<string>();
  for (const trace of traces) {
    for (const service of trace.services) addSome(services, service, most);
    addSome(routes, trace.route, most);
    addSome(keepReasons, trace.keepReason ?? '', most);
  }
  return { services: [...services].sort(), routes: [...routes].sort(), keepReasons: [...keepReasons].sort() };
}

function addSome(values: Set<string>, value: string, most: number): void {
  if (value !== '' && values.size < most) values.add(value);
}
