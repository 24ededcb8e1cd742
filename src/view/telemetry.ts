// Types of received telemetry, the same for both encodings of OTLP: plain objects with lower-case
// hex ids, nanoseconds as bigint and attributes as plain records.

/**
 * An attribute or a log body. 64-bit integers beyond 2^53 are decimal strings, bytes are base64.
 */
export type AttributeValue = string | number | boolean | null | AttributeValue[] | { [key: string]: AttributeValue };
export type Attributes = Record<string, AttributeValue>;

/**
 * Resource and scope of a span, record or metric. `service` is the resource's `service.name`, or
 * `''`.
 */
export interface Origin {
  service: string;
  resource: Attributes;
  /** `''` where the sender has none. */
  resourceSchemaUrl: string;
  scope: { name: string; version: string; schemaUrl: string; attributes: Attributes };
}

export const SPAN_KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'] as const;
export const STATUS_CODES = ['UNSET', 'OK', 'ERROR'] as const;
export type SpanKindName = (typeof SPAN_KINDS)[number];
export type StatusCodeName = (typeof STATUS_CODES)[number];

export interface SpanEvent {
  name: string;
  timeUnixNano: bigint;
  attributes: Attributes;
}

export interface SpanLink {
  traceId: string;
  spanId: string;
  traceState: string;
  attributes: Attributes;
}

export interface Span extends Origin {
  traceId: string;
  spanId: string;
  /** `''` for the root of a trace. */
  parentSpanId: string;
  traceState: string;
  flags: number;
  name: string;
  kind: SpanKindName;
  startTimeUnixNano: bigint;
  endTimeUnixNano: bigint;
  attributes: Attributes;
  events: SpanEvent[];
  links: SpanLink[];
  status: { code: StatusCodeName; message: string };
  droppedAttributesCount: number;
  droppedEventsCount: number;
  droppedLinksCount: number;
}

export interface LogRecord extends Origin {
  timeUnixNano: bigint;
  observedTimeUnixNano: bigint;
  severityNumber: number;
  severityText: string;
  body: AttributeValue;
  eventName: string;
  attributes: Attributes;
  /** `''` when the record was not written inside a span. */
  traceId: string;
  spanId: string;
  flags: number;
}

export interface Exemplar {
  value: number;
  timeUnixNano: bigint;
  traceId: string;
  spanId: string;
  filteredAttributes: Attributes;
}

export interface ExponentialBuckets {
  offset: number;
  bucketCounts: number[];
}

/** One data point. Which of the optional fields are there follows from the `type` of its metric. */
export interface MetricPoint {
  attributes: Attributes;
  startTimeUnixNano: bigint;
  timeUnixNano: bigint;
  exemplars: Exemplar[];
  /** `gauge` and `sum`. */
  value?: number;
  /** `histogram`, `exponentialHistogram` and `summary`. */
  count?: number;
  sum?: number;
  /** `histogram` and `exponentialHistogram`, where the sender recorded them. */
  min?: number;
  max?: number;
  /** `histogram`: one count more than there are bounds. */
  bucketCounts?: number[];
  explicitBounds?: number[];
  /** `exponentialHistogram`. */
  scale?: number;
  zeroCount?: number;
  positive?: ExponentialBuckets;
  negative?: ExponentialBuckets;
  /** `summary`. */
  quantileValues?: { quantile: number; value: number }[];
}

export const METRIC_TYPES = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'] as const;
export const TEMPORALITIES = ['UNSPECIFIED', 'DELTA', 'CUMULATIVE'] as const;

export interface Metric extends Origin {
  name: string;
  description: string;
  unit: string;
  type: (typeof METRIC_TYPES)[number];
  temporality: (typeof TEMPORALITIES)[number];
  monotonic: boolean;
  points: MetricPoint[];
}

/** The three kinds of OTLP export, by the last part of their path: `/v1/traces`. */
export const SIGNALS = ['traces', 'logs', 'metrics'] as const;
export type Signal = (typeof SIGNALS)[number];

/** The telemetry of one export. */
export interface Telemetry {
  spans: Span[];
  logs: LogRecord[];
  metrics: Metric[];
}

/** The telemetry of one export, without spans that have no valid ids. */
export interface ReceivedTelemetry extends Telemetry {
  /** Spans left out because they have no valid trace id and span id. */
  rejectedSpans: number;
}
