// The spans, log records and metrics received last, to be searched and waited for. Bounded: the oldest go first.

import { byStart } from './span-tree.js';
import type { LogRecord, Metric, Span, Telemetry } from './telemetry.js';

export interface TraceStoreLimits {
  /** Spans kept. Default 50000. */
  maxSpans?: number;
  /** Log records kept. Default 50000. */
  maxLogs?: number;
  /** Metrics kept, one for each time a metric was exported. Default 20000. */
  maxMetrics?: number;
}

/** What to look for; all that is given must hold. */
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
  /** By start time. */
  spans: Span[];
  logs: LogRecord[];
}

export interface WaitOptions {
  /** Default 20000. */
  timeoutMs?: number;
}

export class TraceStore {
  readonly #limits: Readonly<Required<TraceStoreLimits>>;
  readonly #listeners = new Set<() => void>();
  #spans: Span[] = [];
  /** Of the spans, to know one that is sent again: OTLP delivers at least once. */
  #spanIds = new Set<string>();
  #logs: LogRecord[] = [];
  #metrics: Metric[] = [];

  constructor(limits: TraceStoreLimits = {}) {
    const { maxSpans = 50_000, maxLogs = 50_000, maxMetrics = 20_000 } = limits;
    this.#limits = { maxSpans, maxLogs, maxMetrics };
  }

  /** In the order in which they arrived. */
  get spans(): readonly Span[] {
    return this.#spans;
  }

  get logs(): readonly LogRecord[] {
    return this.#logs;
  }

  /** One entry for each export of a metric: the last one of a name is its newest value. */
  get metrics(): readonly Metric[] {
    return this.#metrics;
  }

  add(telemetry: Telemetry): void {
    const spans = telemetry.spans.filter((span) => this.#isNew(span));
    this.#spans = appendBounded(this.#spans, spans, this.#limits.maxSpans);
    this.#logs = appendBounded(this.#logs, telemetry.logs, this.#limits.maxLogs);
    this.#metrics = appendBounded(this.#metrics, telemetry.metrics, this.#limits.maxMetrics);
    for (const listener of [...this.#listeners]) listener();
  }

  #isNew({ traceId, spanId }: Span): boolean {
    const id = traceId + spanId;
    if (this.#spanIds.has(id)) return false;
    this.#spanIds.add(id);
    const [oldest] = this.#spanIds;
    if (this.#spanIds.size > this.#limits.maxSpans && oldest !== undefined) this.#spanIds.delete(oldest);
    return true;
  }

  clear(): void {
    this.#spans = [];
    this.#spanIds = new Set();
    this.#logs = [];
    this.#metrics = [];
  }

  /** The trace with this id, as far as it has arrived. */
  trace(traceId: string): Trace {
    const id = traceId.toLowerCase();
    return {
      traceId: id,
      spans: this.#spans.filter((span) => span.traceId === id).sort(byStart),
      logs: this.#logs.filter((log) => log.traceId === id).sort(byTime),
    };
  }

  /** The traces that match, the one whose last span arrived last first. */
  search(query: TraceQuery = {}): Trace[] {
    const found = new Map<string, Trace>();
    for (const span of this.#spans) {
      const trace = found.get(span.traceId) ?? { traceId: span.traceId, spans: [], logs: [] };
      trace.spans.push(span);
      // Deleted and set again, so that the map's order is that of the last arrival.
      found.delete(span.traceId);
      found.set(span.traceId, trace);
    }
    const matching = [...found.values()].reverse().filter((trace) => matches(trace, query));
    const result = matching.slice(0, query.limit ?? 100);
    const wanted = new Map(result.map((trace) => [trace.traceId, trace]));
    for (const log of this.#logs) wanted.get(log.traceId)?.logs.push(log);
    for (const trace of result) {
      trace.spans.sort(byStart);
      trace.logs.sort(byTime);
    }
    return result;
  }

  /** The names of the services seen, sorted. */
  services(): string[] {
    return [...new Set(this.#spans.map((span) => span.service))].filter((service) => service !== '').sort();
  }

  /**
   * Resolves with what `predicate` returns as soon as that is neither false nor undefined; it is asked now and after every export.
   * @throws {Error} when that has not happened within `timeoutMs`: the message lists what did arrive.
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
      `Arrived: ${this.#spans.length} spans (${names(this.#spans)}), ${this.#logs.length} log records, ` +
      `${this.#metrics.length} metrics (${names(this.#metrics)}).`
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

function matches(trace: Trace, query: TraceQuery): boolean {
  if (query.traceId !== undefined && !trace.traceId.startsWith(query.traceId.toLowerCase())) return false;
  if (query.service !== undefined && !trace.spans.some((span) => span.service === query.service)) return false;
  return query.error !== true || trace.spans.some((span) => span.status.code === 'ERROR');
}

function appendBounded<Item>(items: Item[], added: readonly Item[], max: number): Item[] {
  for (const item of added) items.push(item);
  if (items.length <= max) return items;
  // A tenth more than needed, so that a full store does not copy itself at every export.
  return items.slice(items.length - Math.ceil(max * 0.9));
}

function byTime(left: LogRecord, right: LogRecord): number {
  return compare(left.timeUnixNano || left.observedTimeUnixNano, right.timeUnixNano || right.observedTimeUnixNano);
}

function compare(left: bigint, right: bigint): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
