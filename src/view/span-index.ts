// Index of the latest spans by trace, so that a query for one trace does not scan the others.
// Bounded in number and in bytes: the trace that has not grown for longest is dropped first, whole.

import { BoundedList, type Bounds, isWithin, KEPT_SHARE } from './bounded-list.js';
import { IndexedTrace } from './indexed-trace.js';
import type { Span } from './telemetry.js';
import { sizesOf } from './telemetry-size.js';

export class SpanIndex {
  readonly #bounds: Bounds;
  /** Ordered by latest span: the map's last trace grew last. */
  readonly #traces = new Map<string, IndexedTrace>();
  #spans: Span[] = [];
  #bytes = 0;
  #dropped = { traces: 0, spans: 0 };

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  /** Estimated size of the spans. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Traces and spans dropped so far, since it was full. */
  get dropped(): { readonly traces: number; readonly spans: number } {
    return this.#dropped;
  }

  get traceCount(): number {
    return this.#traces.size;
  }

  /** In the order in which they arrived. */
  get spans(): readonly Span[] {
    return this.#spans;
  }

  get(traceId: string): IndexedTrace | undefined {
    return this.#traces.get(traceId);
  }

  /** Ordered by latest span, newest first. */
  newestFirst(): IndexedTrace[] {
    return [...this.#traces.values()].reverse();
  }

  add(spans: readonly Span[]): void {
    const sizes = sizesOf(spans);
    for (const [index, span] of spans.entries()) this.#addSpan(span, sizes[index] ?? 0);
    if (!isWithin(this.#spans.length, this.#bytes, this.#bounds)) this.#dropOldest();
  }

  #addSpan(span: Span, bytes: number): void {
    const trace = this.#traces.get(span.traceId) ?? new IndexedTrace(span.traceId);
    if (trace.has(span.spanId)) return;
    trace.add(span, bytes);
    // Deleted and set again, so that the map's order is that of the last arrival.
    this.#traces.delete(span.traceId);
    this.#traces.set(span.traceId, trace);
    this.#spans.push(span);
    this.#bytes += bytes;
  }

  #dropOldest(): void {
    let count = this.#spans.length;
    for (const trace of this.#traces.values()) {
      if (this.#traces.size === 1 || isWithin(count, this.#bytes, this.#bounds, KEPT_SHARE)) break;
      this.#traces.delete(trace.traceId);
      this.#dropped.traces++;
      this.#dropped.spans += trace.spans.length;
      count -= trace.spans.length;
      this.#bytes -= trace.bytes;
    }
    this.#spans = this.#spans.filter(({ traceId }) => this.#traces.has(traceId));
    if (!isWithin(count, this.#bytes, this.#bounds)) this.#shortenOnlyTrace();
  }

  /** Drops the first spans of a trace that is larger than the bounds by itself. */
  #shortenOnlyTrace(): void {
    const kept = new BoundedList<Span>(this.#bounds);
    kept.add(this.#spans);
    this.#dropped.spans += kept.dropped;
    this.#spans = [...kept.items];
    for (const trace of this.#traces.values()) trace.cut(kept.items, kept.bytes);
    this.#bytes = kept.bytes;
  }
}
