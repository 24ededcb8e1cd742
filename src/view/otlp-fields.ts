// The protobuf field numbers of the OTLP messages, as data for the decoder. Source:
// opentelemetry-proto 1.x, opentelemetry/proto/{common,resource,trace,logs,metrics}/v1. Fields
// without a use here are left out: the decoder skips what a table does not name.

export type Scalar =
  | 'string'
  /** Trace and span ids: bytes, shown as hex. */
  | 'id'
  | 'bytes'
  | 'bool'
  /** Varints of at most 32 bits: uint32, int32 and enums. */
  | 'uint32'
  | 'sint32'
  | 'int64'
  | 'uint64'
  | 'fixed32'
  | 'fixed64'
  | 'sfixed64'
  | 'double';

/** A function, since AnyValue holds itself. */
export type MessageType = () => Message;
export type Field = readonly [name: string, type: Scalar | MessageType, cardinality?: 'repeated'];
export type Message = Readonly<Record<number, Field>>;

const anyValue: Message = {
  1: ['stringValue', 'string'],
  2: ['boolValue', 'bool'],
  3: ['intValue', 'int64'],
  4: ['doubleValue', 'double'],
  5: ['arrayValue', () => arrayValue],
  6: ['kvlistValue', () => keyValueList],
  7: ['bytesValue', 'bytes'],
};
const arrayValue: Message = { 1: ['values', () => anyValue, 'repeated'] };
const keyValueList: Message = { 1: ['values', () => keyValue, 'repeated'] };
const keyValue: Message = { 1: ['key', 'string'], 2: ['value', () => anyValue] };
const attributes = (name = 'attributes'): Field => [name, () => keyValue, 'repeated'];

const resource: Message = { 1: attributes() };
const scope: Message = { 1: ['name', 'string'], 2: ['version', 'string'], 3: attributes() };

const event: Message = { 1: ['timeUnixNano', 'fixed64'], 2: ['name', 'string'], 3: attributes() };
const link: Message = { 1: ['traceId', 'id'], 2: ['spanId', 'id'], 3: ['traceState', 'string'], 4: attributes() };
const status: Message = { 2: ['message', 'string'], 3: ['code', 'uint32'] };
const span: Message = {
  1: ['traceId', 'id'],
  2: ['spanId', 'id'],
  3: ['traceState', 'string'],
  4: ['parentSpanId', 'id'],
  5: ['name', 'string'],
  6: ['kind', 'uint32'],
  7: ['startTimeUnixNano', 'fixed64'],
  8: ['endTimeUnixNano', 'fixed64'],
  9: attributes(),
  10: ['droppedAttributesCount', 'uint32'],
  11: ['events', () => event, 'repeated'],
  12: ['droppedEventsCount', 'uint32'],
  13: ['links', () => link, 'repeated'],
  14: ['droppedLinksCount', 'uint32'],
  15: ['status', () => status],
  16: ['flags', 'fixed32'],
};
const scopeSpans: Message = { 1: ['scope', () => scope], 2: ['spans', () => span, 'repeated'], 3: ['schemaUrl', 'string'] };
const resourceSpans: Message = {
  1: ['resource', () => resource],
  2: ['scopeSpans', () => scopeSpans, 'repeated'],
  3: ['schemaUrl', 'string'],
};

const logRecord: Message = {
  1: ['timeUnixNano', 'fixed64'],
  2: ['severityNumber', 'uint32'],
  3: ['severityText', 'string'],
  5: ['body', () => anyValue],
  6: attributes(),
  8: ['flags', 'fixed32'],
  9: ['traceId', 'id'],
  10: ['spanId', 'id'],
  11: ['observedTimeUnixNano', 'fixed64'],
  12: ['eventName', 'string'],
};
const scopeLogs: Message = { 1: ['scope', () => scope], 2: ['logRecords', () => logRecord, 'repeated'], 3: ['schemaUrl', 'string'] };
const resourceLogs: Message = {
  1: ['resource', () => resource],
  2: ['scopeLogs', () => scopeLogs, 'repeated'],
  3: ['schemaUrl', 'string'],
};

const exemplar: Message = {
  2: ['timeUnixNano', 'fixed64'],
  3: ['asDouble', 'double'],
  4: ['spanId', 'id'],
  5: ['traceId', 'id'],
  6: ['asInt', 'sfixed64'],
  7: attributes('filteredAttributes'),
};
const numberPoint: Message = {
  2: ['startTimeUnixNano', 'fixed64'],
  3: ['timeUnixNano', 'fixed64'],
  4: ['asDouble', 'double'],
  5: ['exemplars', () => exemplar, 'repeated'],
  6: ['asInt', 'sfixed64'],
  7: attributes(),
};
const histogramPoint: Message = {
  2: ['startTimeUnixNano', 'fixed64'],
  3: ['timeUnixNano', 'fixed64'],
  4: ['count', 'fixed64'],
  5: ['sum', 'double'],
  6: ['bucketCounts', 'fixed64', 'repeated'],
  7: ['explicitBounds', 'double', 'repeated'],
  8: ['exemplars', () => exemplar, 'repeated'],
  9: attributes(),
  11: ['min', 'double'],
  12: ['max', 'double'],
};
const buckets: Message = { 1: ['offset', 'sint32'], 2: ['bucketCounts', 'uint64', 'repeated'] };
const exponentialHistogramPoint: Message = {
  1: attributes(),
  2: ['startTimeUnixNano', 'fixed64'],
  3: ['timeUnixNano', 'fixed64'],
  4: ['count', 'fixed64'],
  5: ['sum', 'double'],
  6: ['scale', 'sint32'],
  7: ['zeroCount', 'fixed64'],
  8: ['positive', () => buckets],
  9: ['negative', () => buckets],
  11: ['exemplars', () => exemplar, 'repeated'],
  12: ['min', 'double'],
  13: ['max', 'double'],
};
const quantileValue: Message = { 1: ['quantile', 'double'], 2: ['value', 'double'] };
const summaryPoint: Message = {
  2: ['startTimeUnixNano', 'fixed64'],
  3: ['timeUnixNano', 'fixed64'],
  4: ['count', 'fixed64'],
  5: ['sum', 'double'],
  6: ['quantileValues', () => quantileValue, 'repeated'],
  7: attributes(),
};
const points = (point: Message): Message => ({
  1: ['dataPoints', () => point, 'repeated'],
  2: ['aggregationTemporality', 'uint32'],
  3: ['isMonotonic', 'bool'],
});
const gauge = points(numberPoint);
const sum = points(numberPoint);
const histogram = points(histogramPoint);
const exponentialHistogram = points(exponentialHistogramPoint);
const summary = points(summaryPoint);
const metric: Message = {
  1: ['name', 'string'],
  2: ['description', 'string'],
  3: ['unit', 'string'],
  5: ['gauge', () => gauge],
  7: ['sum', () => sum],
  9: ['histogram', () => histogram],
  10: ['exponentialHistogram', () => exponentialHistogram],
  11: ['summary', () => summary],
};
const scopeMetrics: Message = { 1: ['scope', () => scope], 2: ['metrics', () => metric, 'repeated'], 3: ['schemaUrl', 'string'] };
const resourceMetrics: Message = {
  1: ['resource', () => resource],
  2: ['scopeMetrics', () => scopeMetrics, 'repeated'],
  3: ['schemaUrl', 'string'],
};

/** The body of a request, by signal. */
export const EXPORT_REQUESTS: Readonly<Record<'traces' | 'logs' | 'metrics', Message>> = {
  traces: { 1: ['resourceSpans', () => resourceSpans, 'repeated'] },
  logs: { 1: ['resourceLogs', () => resourceLogs, 'repeated'] },
  metrics: { 1: ['resourceMetrics', () => resourceMetrics, 'repeated'] },
};
