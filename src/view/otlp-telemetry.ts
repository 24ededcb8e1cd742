// Turns the body of an OTLP export into spans, log records and metrics.

import { checkJsonBounds } from './json-bounds.js';
import {
  hasId,
  isObject,
  type JsonObject,
  readAttributes,
  readBigint,
  readId,
  readNumber,
  readNumbers,
  readObject,
  readObjects,
  readOptionalNumber,
  readText,
  readValue,
} from './otlp-json.js';
import { decodeProtobuf } from './otlp-protobuf.js';
import {
  type Exemplar,
  type ExponentialBuckets,
  type LogRecord,
  METRIC_TYPES,
  type Metric,
  type MetricPoint,
  type Origin,
  type ReceivedTelemetry,
  type Signal,
  SPAN_KINDS,
  type Span,
  STATUS_CODES,
  TEMPORALITIES,
} from './telemetry.js';

export type Encoding = 'json' | 'protobuf';

/**
 * Reads the body of an OTLP export.
 * @throws {Error} when the body is not one: its message says what is wrong and holds nothing of the
 * body.
 */
export function readTelemetry(signal: Signal, encoding: Encoding, body: Buffer): ReceivedTelemetry {
  return telemetryOf(signal, encoding === 'json' ? parseJson(body) : decodeProtobuf(signal, body));
}

/**
 * Reads an export in its JSON shape.
 * @throws {Error} as `readTelemetry` does.
 */
export function telemetryOf(signal: Signal, request: JsonObject): ReceivedTelemetry {
  const spans = signal === 'traces' ? readItems(request, 'resourceSpans', 'scopeSpans', 'spans', readSpan) : [];
  const identified = spans.filter((span) => span !== undefined);
  return {
    spans: identified,
    rejectedSpans: spans.length - identified.length,
    logs: signal === 'logs' ? readItems(request, 'resourceLogs', 'scopeLogs', 'logRecords', readLogRecord) : [],
    metrics: signal === 'metrics' ? readItems(request, 'resourceMetrics', 'scopeMetrics', 'metrics', readMetric) : [],
  };
}

function parseJson(body: Buffer): JsonObject {
  checkJsonBounds(body);
  let request: unknown;
  try {
    request = JSON.parse(body.toString('utf8'));
  } catch {
    throw new SyntaxError('the body is not JSON');
  }
  if (!isObject(request)) throw new TypeError('the body is not a JSON object');
  return request;
}

function readItems<Item>(
  request: JsonObject,
  byResource: string,
  byScope: string,
  items: string,
  read: (item: JsonObject, origin: Origin) => Item,
): Item[] {
  const result: Item[] = [];
  for (const resourceGroup of readObjects(request, byResource)) {
    const resource = readAttributes(readObject(resourceGroup, 'resource'));
    const resourceSchemaUrl = readText(resourceGroup, 'schemaUrl');
    const service = typeof resource['service.name'] === 'string' ? resource['service.name'] : '';
    for (const scopeGroup of readObjects(resourceGroup, byScope)) {
      const origin = { service, resource, resourceSchemaUrl, scope: readScope(scopeGroup) };
      for (const item of readObjects(scopeGroup, items)) result.push(read(item, origin));
    }
  }
  return result;
}

function readScope(scopeGroup: JsonObject): Origin['scope'] {
  const scope = readObject(scopeGroup, 'scope');
  const schemaUrl = readText(scopeGroup, 'schemaUrl');
  return { name: readText(scope, 'name'), version: readText(scope, 'version'), schemaUrl, attributes: readAttributes(scope) };
}

/** Undefined for one that no trace can hold. */
function readSpan(span: JsonObject, origin: Origin): Span | undefined {
  if (!hasId(span, 'traceId', 16) || !hasId(span, 'spanId', 8)) return undefined;
  const status = readObject(span, 'status');
  return {
    ...origin,
    traceId: readId(span, 'traceId', 16),
    spanId: readId(span, 'spanId', 8),
    parentSpanId: readId(span, 'parentSpanId', 8),
    traceState: readText(span, 'traceState'),
    flags: readNumber(span, 'flags'),
    name: readText(span, 'name'),
    kind: SPAN_KINDS[readNumber(span, 'kind')] ?? 'UNSPECIFIED',
    startTimeUnixNano: readBigint(span, 'startTimeUnixNano'),
    endTimeUnixNano: readBigint(span, 'endTimeUnixNano'),
    attributes: readAttributes(span),
    events: readObjects(span, 'events').map((event) => ({
      name: readText(event, 'name'),
      timeUnixNano: readBigint(event, 'timeUnixNano'),
      attributes: readAttributes(event),
    })),
    links: readObjects(span, 'links').map((link) => ({
      traceId: readId(link, 'traceId', 16),
      spanId: readId(link, 'spanId', 8),
      traceState: readText(link, 'traceState'),
      attributes: readAttributes(link),
    })),
    status: { code: STATUS_CODES[readNumber(status, 'code')] ?? 'UNSET', message: readText(status, 'message') },
    droppedAttributesCount: readNumber(span, 'droppedAttributesCount'),
    droppedEventsCount: readNumber(span, 'droppedEventsCount'),
    droppedLinksCount: readNumber(span, 'droppedLinksCount'),
  };
}

function readLogRecord(record: JsonObject, origin: Origin): LogRecord {
  return {
    ...origin,
    timeUnixNano: readBigint(record, 'timeUnixNano'),
    observedTimeUnixNano: readBigint(record, 'observedTimeUnixNano'),
    severityNumber: readNumber(record, 'severityNumber'),
    severityText: readText(record, 'severityText'),
    body: readValue(readObject(record, 'body')),
    eventName: readText(record, 'eventName'),
    attributes: readAttributes(record),
    traceId: readId(record, 'traceId', 16),
    spanId: readId(record, 'spanId', 8),
    flags: readNumber(record, 'flags'),
  };
}

function readMetric(metric: JsonObject, origin: Origin): Metric {
  const type = METRIC_TYPES.find((candidate) => isObject(metric[candidate])) ?? 'gauge';
  const data = readObject(metric, type);
  return {
    ...origin,
    name: readText(metric, 'name'),
    description: readText(metric, 'description'),
    unit: readText(metric, 'unit'),
    type,
    temporality: TEMPORALITIES[readNumber(data, 'aggregationTemporality')] ?? 'UNSPECIFIED',
    monotonic: data['isMonotonic'] === true,
    points: readObjects(data, 'dataPoints').map((point) => readPoint(point, type)),
  };
}

function readPoint(point: JsonObject, type: Metric['type']): MetricPoint {
  const common: MetricPoint = {
    attributes: readAttributes(point),
    startTimeUnixNano: readBigint(point, 'startTimeUnixNano'),
    timeUnixNano: readBigint(point, 'timeUnixNano'),
    exemplars: readObjects(point, 'exemplars').map(readExemplar),
  };
  if (type === 'gauge' || type === 'sum') return { ...common, value: readPointValue(point) };
  const min = readOptionalNumber(point, 'min');
  const max = readOptionalNumber(point, 'max');
  const distribution: MetricPoint = {
    ...common,
    count: readNumber(point, 'count'),
    sum: readNumber(point, 'sum'),
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
  };
  return { ...distribution, ...readDistribution(point, type) };
}

function readDistribution(point: JsonObject, type: Metric['type']): Partial<MetricPoint> {
  if (type === 'histogram') {
    return { bucketCounts: readNumbers(point, 'bucketCounts'), explicitBounds: readNumbers(point, 'explicitBounds') };
  }
  if (type === 'summary') {
    const read = (item: JsonObject) => ({ quantile: readNumber(item, 'quantile'), value: readNumber(item, 'value') });
    return { quantileValues: readObjects(point, 'quantileValues').map(read) };
  }
  return {
    scale: readNumber(point, 'scale'),
    zeroCount: readNumber(point, 'zeroCount'),
    positive: readBuckets(readObject(point, 'positive')),
    negative: readBuckets(readObject(point, 'negative')),
  };
}

function readBuckets(buckets: JsonObject): ExponentialBuckets {
  return { offset: readNumber(buckets, 'offset'), bucketCounts: readNumbers(buckets, 'bucketCounts') };
}

function readExemplar(exemplar: JsonObject): Exemplar {
  return {
    value: readPointValue(exemplar),
    timeUnixNano: readBigint(exemplar, 'timeUnixNano'),
    traceId: readId(exemplar, 'traceId', 16),
    spanId: readId(exemplar, 'spanId', 8),
    filteredAttributes: readAttributes(exemplar, 'filteredAttributes'),
  };
}

function readPointValue(point: JsonObject): number {
  return readOptionalNumber(point, 'asInt') ?? readNumber(point, 'asDouble');
}
