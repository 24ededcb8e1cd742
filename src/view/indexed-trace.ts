// One trace of the index: its spans, and what lists and searches ask of it, kept up to date span by
// span.

import type { Span } from './telemetry.js';

const ATTR_ROUTE = 'http.route';
const ATTR_KEEP_REASON = 'sietch.keep.reason';

export class IndexedTrace {
  readonly traceId: string;
  readonly services = new Set<string>();
  /** In the order in which they arrived. */
  spans: Span[] = [];
  bytes = 0;
  errorCount = 0;
  startTimeUnixNano = 0n;
  endTimeUnixNano = 0n;
  keepReason: string | undefined;
  /** Detects a span that is sent again: OTLP delivers at least once. */
  #spanIds = new Set<string>();
  /** Spans that others name as their parent and that have not arrived. */
  #missing = new Set<string>();
  #first: Span | undefined;
  #root: Span | undefined;
  #routed: Span | undefined;
  #isCut = false;

  constructor(traceId: string) {
    this.traceId = traceId;
  }

  /** The span that began it, as far as has arrived. */
  get root(): Span | undefined {
    return this.#root ?? this.#first;
  }

  /** The route of its first server span that has one, or `''`. */
  get route(): string {
    const route = this.#routed?.attributes[ATTR_ROUTE];
    return typeof route === 'string' ? route : '';
  }

  get isIncomplete(): boolean {
    return this.#isCut || this.#missing.size > 0;
  }

  has(spanId: string): boolean {
    return this.#spanIds.has(spanId);
  }

  add(span: Span, bytes: number): void {
    const { spanId, parentSpanId, startTimeUnixNano: start, endTimeUnixNano: end } = span;
    this.startTimeUnixNano = this.spans.length === 0 || start < this.startTimeUnixNano ? start : this.startTimeUnixNano;
    this.endTimeUnixNano = this.spans.length === 0 || end > this.endTimeUnixNano ? end : this.endTimeUnixNano;
    this.spans.push(span);
    this.bytes += bytes;
    this.services.add(span.service);
    this.#spanIds.add(spanId);
    this.#missing.delete(spanId);
    if (parentSpanId !== '' && !this.#spanIds.has(parentSpanId)) this.#missing.add(parentSpanId);
    if (span.status.code === 'ERROR') this.errorCount++;
    this.#first = earlier(this.#first, span);
    if (parentSpanId === '') this.#root = earlier(this.#root, span);
    if (span.kind === 'SERVER' && typeof span.attributes[ATTR_ROUTE] === 'string') this.#routed = earlier(this.#routed, span);
    const reason = span.attributes[ATTR_KEEP_REASON];
    if (typeof reason === 'string') this.keepReason ??= reason;
  }

  /** Becomes a trace of these spans alone, the others having been dropped. */
  cut(spans: readonly Span[], bytes: number): void {
    this.spans = [];
    this.#spanIds = new Set();
    this.#missing = new Set();
    this.services.clear();
    this.errorCount = 0;
    this.#first = this.#root = this.#routed = undefined;
    for (const span of spans) this.add(span, 0);
    this.bytes = bytes;
    this.#isCut = true;
  }
}

function earlier(known: Span | undefined, span: Span): Span {
  return known === undefined || span.startTimeUnixNano < known.startTimeUnixNano ? span : known;
}
