// Types and bounds of the viewer's JSON API, which its server and its page have in common. Moments
// are nanoseconds since 1970 as decimal text, ids are lower-case hex.

import type { ProcessState } from '../now/process-state.js';
import type { Attributes, Exemplar, LogRecord, Metric, Span, SpanEvent } from './telemetry.js';

/** The page sends the token of its `<meta name>` in this header with each POST. */
export const TOKEN_META = 'sietch-view-token';
export const TOKEN_HEADER = 'x-sietch-view-token';
/** Most items of one answer. */
export const MAX_LISTED = {
  traces: 1_000,
  logs: 1_000,
  series: 100,
  points: 500,
  exemplars: 50,
  deadLetters: 200,
  statements: 200,
  routes: 200,
} as const;
/** Bytes of a file that `POST /api/import` takes. */
export const MAX_IMPORT_BYTES = 20 * 1024 * 1024;

export const TRACE_SORTS = ['start', 'duration', 'spans'] as const;
export type TraceSort = (typeof TRACE_SORTS)[number];

export interface TraceSummary {
  readonly traceId: string;
  /** Name and service of the span that began it, as far as has arrived. */
  readonly name: string;
  readonly service: string;
  /** All services of the trace, in the order in which they joined it. */
  readonly services: readonly string[];
  /** `http.route` of the first server span; `''` without one. */
  readonly route: string;
  readonly startTimeUnixNano: string;
  readonly durationMs: number;
  readonly spanCount: number;
  readonly logCount: number;
  readonly errorCount: number;
  /** Why the flight recorder kept it: `sietch.keep.reason`. */
  readonly keepReason?: string;
  /** The span that began it has not arrived, or spans of it were dropped. */
  readonly incomplete?: true;
}

export interface Totals {
  readonly traces: number;
  readonly spans: number;
  readonly logs: number;
  /** Series of metrics, and the points kept of them. */
  readonly series: number;
  readonly metricPoints: number;
  /** Dropped since the start because the store was full, the oldest first. */
  readonly droppedTraces: number;
  readonly droppedSpans: number;
  readonly droppedLogs: number;
  readonly droppedSeries: number;
  /** Estimated size of what is kept. */
  readonly bytes: number;
}

/** `GET /api/traces`. */
export interface TracesAnswer {
  readonly traces: readonly TraceSummary[];
  /** All that match, beyond `limit` too. */
  readonly total: number;
  /** What there is to choose from in the whole store, sorted. */
  readonly services: readonly string[];
  readonly routes: readonly string[];
  readonly keepReasons: readonly string[];
  readonly totals: Totals;
}

export interface ApiEvent extends Omit<SpanEvent, 'timeUnixNano'> {
  readonly timeUnixNano: string;
}

export interface ApiSpan extends Omit<Span, 'startTimeUnixNano' | 'endTimeUnixNano' | 'events'> {
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly events: readonly ApiEvent[];
}

export interface ApiLog extends Omit<LogRecord, 'timeUnixNano' | 'observedTimeUnixNano'> {
  /** Number of its arrival: what `before` of `GET /api/logs` takes. */
  readonly id: number;
  readonly timeUnixNano: string;
  readonly observedTimeUnixNano: string;
}

/** `GET /api/traces/ID`: spans by start, log records by time. */
export interface TraceAnswer extends TraceSummary {
  readonly spans: readonly ApiSpan[];
  readonly logs: readonly ApiLog[];
}

/** `POST /api/import`, whose body is OTLP JSON or Jaeger JSON. */
export interface ImportAnswer {
  readonly traceIds: readonly string[];
}

/** The severities of `GET /api/logs?severity=`: that one and above. */
export const SEVERITIES = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** `GET /api/logs`, the record that arrived last first. */
export interface LogsAnswer {
  readonly logs: readonly ApiLog[];
  readonly total: number;
  readonly services: readonly string[];
}

export interface MetricSummary {
  readonly name: string;
  readonly unit: string;
  readonly type: Metric['type'];
  /** Whether it is a sum that only grows: a counter. */
  readonly monotonic: boolean;
  readonly description: string;
  readonly services: readonly string[];
  /** Number of its series. */
  readonly series: number;
}

/** `GET /api/metrics`, by name. */
export interface MetricsAnswer {
  readonly metrics: readonly MetricSummary[];
}

/** Counts of each bucket: the first is up to `bounds[0]`, the last above the last bound. */
export interface ApiHistogram {
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
  readonly count: number;
  readonly sum: number;
}

/**
 * One point of a series. Of counters and histograms it is what was added within the `seconds` before
 * `t`, whichever temporality the sender has; of all others the value at `t`. A value that is not a
 * number (NaN, infinite) is null.
 */
export interface ApiPoint {
  readonly t: string;
  readonly seconds?: number;
  readonly value?: number | null;
  readonly histogram?: ApiHistogram;
  readonly quantiles?: readonly { readonly quantile: number; readonly value: number | null }[];
}

export interface ApiExemplar extends Pick<Exemplar, 'value' | 'traceId' | 'spanId'> {
  readonly t: string;
  /** Whether its trace is in the store. */
  readonly known: boolean;
}

export interface ApiSeries {
  readonly service: string;
  /** Tells processes of a service apart: `service.instance.id`, or the scraped address. */
  readonly instance: string;
  readonly attributes: Attributes;
  readonly points: readonly ApiPoint[];
  readonly exemplars: readonly ApiExemplar[];
}

/** `GET /api/metrics/series?name=&service=`. */
export interface SeriesAnswer {
  readonly series: readonly ApiSeries[];
  /** All that there are, beyond the bound of one answer too. */
  readonly total: number;
}

export interface QueueSummary {
  readonly name: string;
  /** Jobs by state: `waiting`, `active`, `delayed`, … */
  readonly depth: Readonly<Record<string, number>>;
  readonly oldestAgeSeconds?: number;
  /** Time for which the oldest active job has been worked on. */
  readonly activeAgeSeconds?: number;
  readonly deadLetters?: number;
  /** When this was read. */
  readonly t: string;
}

export type BreakerState = 'closed' | 'half-open' | 'open' | 'unknown';

export interface BreakerSummary {
  readonly name: string;
  readonly service: string;
  /** Changes of its state, the oldest first; the last is the present one. */
  readonly states: readonly { readonly t: string; readonly state: BreakerState }[];
}

/** `GET /api/queues`. */
export interface QueuesAnswer {
  readonly queues: readonly QueueSummary[];
  readonly breakers: readonly BreakerSummary[];
}

export interface ApiDeadLetter {
  readonly id: string;
  readonly type: string;
  readonly reason: string;
  /** ISO 8601. */
  readonly receivedAt: string;
  readonly diedAt: string;
  readonly replays: number;
  readonly store: string;
  readonly traceId?: string;
}

/** `GET /api/queues/NAME/dead-letters`; 409 with the sentence that says how where no Redis is given. */
export interface DeadLettersAnswer {
  readonly deadLetters: readonly ApiDeadLetter[];
}

/** `POST /api/queues/NAME/dead-letters/ID/replay`, with the token and `content-type: application/json`. */
export interface ReplayAnswer {
  readonly replayed: string;
}

/** A process on this machine, as `sietch-otel now --json` prints it. */
export type ApiProcess =
  | { readonly pid: number; readonly uid: number; readonly state: ProcessState }
  | {
      readonly pid: number;
      readonly uid: number;
      readonly service: string;
      readonly unanswered: { readonly reason: 'stopped' | 'blocked' | 'failed'; readonly forSeconds?: number; readonly message: string };
    };

/** `GET /api/now`. */
export interface NowAnswer {
  readonly processes: readonly ApiProcess[];
}

/** Calls of one SQL statement or command: spans with `db.query.text`. */
export interface StatementSummary {
  readonly statement: string;
  readonly system: string;
  readonly service: string;
  readonly calls: number;
  readonly errors: number;
  readonly totalMs: number;
  readonly maxMs: number;
  /** The slowest call. */
  readonly slowest: { readonly traceId: string; readonly spanId: string };
}

/** `GET /api/statements?service=&q=&limit=`, most time in total first. */
export interface StatementsAnswer {
  readonly statements: readonly StatementSummary[];
}

/** Requests of one route, or attempts at jobs of one queue: server and consumer spans. */
export interface RouteSummary {
  readonly route: string;
  readonly service: string;
  readonly calls: number;
  readonly errors: number;
  /** Failed calls by `error.type`. */
  readonly errorTypes: Readonly<Record<string, number>>;
  readonly maxMs: number;
  /** Failed ones, the newest first. */
  readonly failedTraces: readonly string[];
}

/** `GET /api/routes?service=&q=&limit=`, most errors first. */
export interface RoutesAnswer {
  readonly routes: readonly RouteSummary[];
}

/** `GET /api/status`, and the event `hello` of `GET /api/events`. */
export interface Status {
  readonly version: string;
  /** Where it takes OTLP: `http://127.0.0.1:4318`. */
  readonly http: string;
  readonly grpc?: string;
  readonly totals: Totals;
  /** File of `--store`. */
  readonly store?: string;
  /** Whether dead letters can be listed and replayed. */
  readonly redis: boolean;
  readonly scraped: readonly { readonly url: string; readonly error?: string }[];
}

/**
 * The event `added` of `GET /api/events`, at most four a second. `traces` are those that have grown,
 * at most 200; where there were more, `more` is true and the page asks again.
 */
export interface Added {
  readonly traces: readonly TraceSummary[];
  /** Numbers of what arrived since the last event. */
  readonly logs: number;
  readonly metrics: number;
  readonly more?: true;
  readonly totals: Totals;
}
