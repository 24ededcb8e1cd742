// Stores the latest spans and log records, bounded in number and in bytes: the oldest are dropped first.

import type { Totals } from './api.js';
import type { IndexedTrace } from './indexed-trace.js';
import { LogIndex } from './log-index.js';
import { SpanIndex } from './span-index.js';
import { byStart, compareBigints } from './span-tree.js';
import type { LogRecord, Span, Telemetry } from './telemetry.js';

export interface TraceStoreLimits {
  /** Spans kept. Default 50000. */
  maxSpans?: number;
  /** Log records kept. Default 50000. */
  maxLogs?: number;
  /** Estimated bytes kept of spans, and as many of log records. Default 512 MiB. */
  maxBytes?: number;
}

/** One trace as far as it has arrived. */
export interface Trace {
  traceId: string;
  /** Ordered by start time. */
  spans: Span[];
  logs: LogRecord[];
}

export class TraceStore {
  readonly #limits: Readonly<Required<TraceStoreLimits>>;
  readonly #listeners = new Set<(telemetry: Telemetry) => void>();
  #spans: SpanIndex;
  #logs: LogIndex;

  constructor(limits: TraceStoreLimits = {}) {
    const { maxSpans = 50_000, maxLogs = 50_000, maxBytes = 512 * 1024 * 1024 } = limits;
    this.#limits = { maxSpans, maxLogs, maxBytes };
    [this.#spans, this.#logs] = this.#empty();
  }

  #empty(): [SpanIndex, LogIndex] {
    const { maxSpans, maxLogs, maxBytes } = this.#limits;
    return [new SpanIndex({ maxItems: maxSpans, maxBytes }), new LogIndex({ maxItems: maxLogs, maxBytes })];
  }

  /** In order of arrival. */
  get spans(): readonly Span[] {
    return this.#spans.spans;
  }

  get logs(): readonly LogRecord[] {
    return this.#logs.records;
  }

  add(telemetry: Telemetry): void {
    this.#spans.add(telemetry.spans);
    this.#logs.add(telemetry.logs);
    for (const listener of [...this.#listeners]) listener(telemetry);
  }

  /** Calls `listener` after telemetry was added; returns a function that stops that. */
  onAdded(listener: (telemetry: Telemetry) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  clear(): void {
    [this.#spans, this.#logs] = this.#empty();
  }

  /** The trace with this id, as far as it has arrived. */
  trace(traceId: string): Trace {
    const id = traceId.toLowerCase();
    return {
      traceId: id,
      spans: [...(this.#spans.get(id)?.spans ?? [])].sort(byStart),
      logs: [...this.#logs.ofTrace(id)].sort(byTime),
    };
  }

  /** What the index has of each trace, the one with the latest span first. */
  newestFirst(): IndexedTrace[] {
    return this.#spans.newestFirst();
  }

  indexed(traceId: string): IndexedTrace | undefined {
    return this.#spans.get(traceId);
  }

  logCount(traceId: string): number {
    return this.#logs.ofTrace(traceId).length;
  }

  /** What is kept, and what was dropped since it was full. */
  get counts(): Omit<Totals, 'series' | 'metricPoints' | 'droppedSeries'> {
    const { dropped } = this.#spans;
    return {
      traces: this.#spans.traceCount,
      spans: this.spans.length,
      logs: this.logs.length,
      droppedTraces: dropped.traces,
      droppedSpans: dropped.spans,
      droppedLogs: this.#logs.dropped,
      bytes: this.#spans.bytes + this.#logs.bytes,
    };
  }
}

function byTime(left: LogRecord, right: LogRecord): number {
  return compareBigints(left.timeUnixNano || left.observedTimeUnixNano, right.timeUnixNano || right.observedTimeUnixNano);
}
