// Stores the latest spans, log records and metrics, to be searched and awaited. Bounded in number
// and in bytes: the oldest are dropped first.

import { BoundedList } from './bounded-list.js';
import type { IndexedTrace } from './indexed-trace.js';
import { LogIndex } from './log-index.js';
import { SpanIndex } from './span-index.js';
import { byStart } from './span-tree.js';
import type { LogRecord, Metric, Span, Telemetry } from './telemetry.js';

export interface TraceStoreLimits {
  /** Spans kept. Default 50000. */
  maxSpans?: number;
  /** Log records kept. Default 50000. */
  maxLogs?: number;
  /** Metrics kept, one for each time a metric was exported. Default 20000. */
  maxMetrics?: number;
  /**
   * Estimated bytes kept of spans, as many of log records, and as many of metrics. Default 512 MiB.
   */
  maxBytes?: number;
}

/** A search: every given condition must hold. */
export interface TraceQuery {
  /** A trace id or the beginning of one, in any case. */
  traceId?: string;
  /** `service.name` of any span of the trace. */
  service?: string;
  /** Only traces with a span whose status is ERROR. */
  error?: boolean;
  /** Traces returned at most. Default 100. */
  limit?: number;
}

/** One trace as far as it has arrived. */
export interface Trace {
  traceId: string;
  /** Ordered by start time. */
  spans: Span[];
  logs: LogRecord[];
}

export interface StoreCounts {
  readonly traces: number;
  readonly spans: number;
  readonly logs: number;
  readonly droppedTraces: number;
  readonly droppedSpans: number;
  readonly droppedLogs: number;
  /** Estimated size of what is kept. */
  readonly bytes: number;
}

export interface WaitOptions {
  /** Default 20000. */
  timeoutMs?: number;
}

export class TraceStore {
  readonly #limits: Readonly<Required<TraceStoreLimits>>;
  readonly #listeners = new Set<(telemetry: Telemetry) => void>();
  #spans: SpanIndex;
  #logs: LogIndex;
  #metrics: BoundedList<Metric>;

  constructor(limits: TraceStoreLimits = {}) {
    const { maxSpans = 50_000, maxLogs = 50_000, maxMetrics = 20_000, maxBytes = 512 * 1024 * 1024 } = limits;
    this.#limits = { maxSpans, maxLogs, maxMetrics, maxBytes };
    [this.#spans, this.#logs, this.#metrics] = this.#empty();
  }

  #empty(): [SpanIndex, LogIndex, BoundedList<Metric>] {
    const { maxSpans, maxLogs, maxMetrics, maxBytes } = this.#limits;
    return [
      new SpanIndex({ maxItems: maxSpans, maxBytes }),
      new LogIndex({ maxItems: maxLogs, maxBytes }),
      new BoundedList({ maxItems: maxMetrics, maxBytes }),
    ];
  }

  /** In order of arrival. */
  get spans(): readonly Span[] {
    return this.#spans.spans;
  }

  get logs(): readonly LogRecord[] {
    return this.#logs.records;
  }

  /** One entry for each export of a metric: the last one of a name is its newest value. */
  get metrics(): readonly Metric[] {
    return this.#metrics.items;
  }

  add(telemetry: Telemetry): void {
    this.#spans.add(telemetry.spans);
    this.#logs.add(telemetry.logs);
    this.#metrics.add(telemetry.metrics);
    for (const listener of [...this.#listeners]) listener(telemetry);
  }

  /** Calls `listener` after telemetry was added; returns a function that stops that. */
  onAdded(listener: (telemetry: Telemetry) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  clear(): void {
    [this.#spans, this.#logs, this.#metrics] = this.#empty();
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
  get counts(): StoreCounts {
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

  /** The matching traces, the one with the latest span first. */
  search(query: TraceQuery = {}): Trace[] {
    const limit = query.limit ?? 100;
    const found: Trace[] = [];
    for (const trace of this.#spans.newestFirst()) {
      if (found.length >= limit) break;
      if (matches(trace, query)) found.push(this.trace(trace.traceId));
    }
    return found;
  }

  /** The names of the services seen, sorted. */
  services(): string[] {
    const services = new Set(this.#spans.newestFirst().flatMap((trace) => [...trace.services]));
    return [...services].filter((service) => service !== '').sort();
  }

  /**
   * Resolves with what `predicate` returns as soon as that is neither false nor undefined; it is
   * asked now and after every export.
   * @throws {Error} when that has not happened within `timeoutMs`: the message lists what did
   * arrive.
   */
  waitFor<Result>(predicate: (store: TraceStore) => Result | false | undefined, options: WaitOptions = {}): Promise<Result> {
    const timeoutMs = options.timeoutMs ?? 20_000;
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        this.#listeners.delete(check);
        clearTimeout(timer);
      };
      const check = (): void => {
        try {
          const result = predicate(this);
          if (result === false || result === undefined) return;
          settle();
          resolve(result);
        } catch (error) {
          settle();
          reject(error);
        }
      };
      const timer = setTimeout(() => {
        settle();
        reject(new Error(`What was waited for did not arrive within ${timeoutMs} ms. ${this.#summary()}`));
      }, timeoutMs);
      this.#listeners.add(check);
      check();
    });
  }

  /** Resolves with the spans of a trace as soon as there is one and `predicate` holds for them. */
  waitForTrace(traceId: string, predicate: (spans: Span[]) => boolean = () => true, options: WaitOptions = {}): Promise<Span[]> {
    return this.waitFor((store) => {
      const { spans } = store.trace(traceId);
      return spans.length > 0 && predicate(spans) ? spans : undefined;
    }, options);
  }

  #summary(): string {
    const names = (items: readonly { name: string }[]) => [...new Set(items.map((item) => item.name))].slice(-30).join(', ');
    return (
      `Arrived: ${this.spans.length} spans (${names(this.spans)}), ${this.logs.length} log records, ` +
      `${this.metrics.length} metrics (${names(this.metrics)}).`
    );
  }
}

/** The log records of each span, by its id; those of no span under `''`. */
export function groupBySpan(logs: readonly LogRecord[]): Map<string, LogRecord[]> {
  const groups = new Map<string, LogRecord[]>();
  for (const log of logs) {
    const group = groups.get(log.spanId);
    if (group === undefined) groups.set(log.spanId, [log]);
    else group.push(log);
  }
  return groups;
}

function matches(trace: IndexedTrace, query: TraceQuery): boolean {
  if (query.traceId !== undefined && !trace.traceId.startsWith(query.traceId.toLowerCase())) return false;
  if (query.service !== undefined && !trace.services.has(query.service)) return false;
  return query.error !== true || trace.errorCount > 0;
}

function byTime(left: LogRecord, right: LogRecord): number {
  return compare(left.timeUnixNano || left.observedTimeUnixNano, right.timeUnixNano || right.observedTimeUnixNano);
}

function compare(left: bigint, right: bigint): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
