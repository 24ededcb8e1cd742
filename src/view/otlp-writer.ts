// Writes spans, log records and metrics as OTLP JSON, which any collector takes: the form of an
// exported file, and of what is kept in a store's file.
// https://protobuf.dev/programming-guides/json/, with ids in hex as OTLP has them.

import { pushTo } from './lists.js';
import type { Attributes, AttributeValue, Exemplar, LogRecord, Metric, MetricPoint, Origin, Signal, Span, Telemetry } from './telemetry.js';
import { SPAN_KINDS, STATUS_CODES, TEMPORALITIES } from './telemetry.js';

type Json = Record<string, unknown>;

/** The body of an export request of each signal that there is something of. */
export function otlpRequests({ spans, logs, metrics }: Telemetry): { readonly signal: Signal; readonly body: string }[] {
  return [
    ...(spans.length === 0 ? [] : [{ signal: 'traces' as const, body: JSON.stringify({ resourceSpans: resourceSpans(spans) }) }]),
    ...(logs.length === 0 ? [] : [{ signal: 'logs' as const, body: JSON.stringify({ resourceLogs: resourceLogs(logs) }) }]),
    ...(metrics.length === 0 ? [] : [{ signal: 'metrics' as const, body: JSON.stringify({ resourceMetrics: resourceMetrics(metrics) }) }]),
  ];
}

/** One trace: `resourceSpans` and `resourceLogs` in one object, in pieces. */
export function* traceFile(spans: readonly Span[], logs: readonly LogRecord[]): Generator<string> {
  yield '{"resourceSpans":[';
  yield* listed(resourceSpans(spans));
  yield '],"resourceLogs":[';
  yield* listed(resourceLogs(logs));
  yield ']}\n';
}

function* listed(items: readonly Json[]): Generator<string> {
  for (const [index, item] of items.entries()) yield `${index === 0 ? '' : ','}${JSON.stringify(item)}`;
}

function resourceSpans(spans: readonly Span[]): Json[] {
  return grouped(spans, 'scopeSpans', 'spans', writeSpan);
}

function resourceLogs(logs: readonly LogRecord[]): Json[] {
  return grouped(logs, 'scopeLogs', 'logRecords', writeLog);
}

function resourceMetrics(metrics: readonly Metric[]): Json[] {
  return grouped(metrics, 'scopeMetrics', 'metrics', writeMetric);
}

/** Items of one sender have their resource in common, as an object. */
function grouped<Item extends Origin>(items: readonly Item[], scopes: string, name: string, write: (item: Item) => Json): Json[] {
  const resources = new Map<object, Map<object, Item[]>>();
  for (const item of items) {
    const byScope = resources.get(item.resource) ?? new Map<object, Item[]>();
    resources.set(item.resource, byScope);
    pushTo(byScope, item.scope, item);
  }
  return [...resources.values()].map((byScope) => {
    const [first] = [...byScope.values()].flat();
    return {
      resource: { attributes: writeAttributes(first?.resource ?? {}) },
      schemaUrl: first?.resourceSchemaUrl ?? '',
      [scopes]: [...byScope.values()].map((group) => ({
        scope: writeScope(group[0]),
        schemaUrl: group[0]?.scope.schemaUrl ?? '',
        [name]: group.map(write),
      })),
    };
  });
}

function writeScope(item: Origin | undefined): Json {
  const { name = '', version = '', attributes = {} } = item?.scope ?? {};
  return { name, version, attributes: writeAttributes(attributes) };
}

function writeSpan(span: Span): Json {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentSpanId === '' ? {} : { parentSpanId: span.parentSpanId }),
    traceState: span.traceState,
    flags: span.flags,
    name: span.name,
    kind: SPAN_KINDS.indexOf(span.kind),
    startTimeUnixNano: span.startTimeUnixNano.toString(),
    endTimeUnixNano: span.endTimeUnixNano.toString(),
    attributes: writeAttributes(span.attributes),
    events: span.events.map(({ name, timeUnixNano, attributes }) => ({
      name,
      timeUnixNano: timeUnixNano.toString(),
      attributes: writeAttributes(attributes),
    })),
    links: span.links.map(({ traceId, spanId, traceState, attributes }) => ({
      traceId,
      spanId,
      traceState,
      attributes: writeAttributes(attributes),
    })),
    status: { code: STATUS_CODES.indexOf(span.status.code), message: span.status.message },
    droppedAttributesCount: span.droppedAttributesCount,
    droppedEventsCount: span.droppedEventsCount,
    droppedLinksCount: span.droppedLinksCount,
  };
}

function writeLog(log: LogRecord): Json {
  return {
    timeUnixNano: log.timeUnixNano.toString(),
    observedTimeUnixNano: log.observedTimeUnixNano.toString(),
    severityNumber: log.severityNumber,
    severityText: log.severityText,
    body: writeValue(log.body),
    eventName: log.eventName,
    attributes: writeAttributes(log.attributes),
    flags: log.flags,
    ...(log.traceId === '' ? {} : { traceId: log.traceId }),
    ...(log.spanId === '' ? {} : { spanId: log.spanId }),
  };
}

function writeMetric({ name, description, unit, type, temporality, monotonic, points }: Metric): Json {
  const data: Json = { dataPoints: points.map(writePoint) };
  if (type !== 'gauge' && type !== 'summary') data['aggregationTemporality'] = TEMPORALITIES.indexOf(temporality);
  if (type === 'sum') data['isMonotonic'] = monotonic;
  return { name, description, unit, [type]: data };
}

function writePoint({ attributes, startTimeUnixNano, timeUnixNano, exemplars, value, ...distribution }: MetricPoint): Json {
  return {
    ...distribution,
    ...(value === undefined ? {} : { asDouble: writeNumber(value) }),
    attributes: writeAttributes(attributes),
    startTimeUnixNano: startTimeUnixNano.toString(),
    timeUnixNano: timeUnixNano.toString(),
    exemplars: exemplars.map(writeExemplar),
  };
}

function writeExemplar({ value, timeUnixNano, traceId, spanId, filteredAttributes }: Exemplar): Json {
  return {
    asDouble: writeNumber(value),
    timeUnixNano: timeUnixNano.toString(),
    traceId,
    spanId,
    filteredAttributes: writeAttributes(filteredAttributes),
  };
}

/** JSON has no NaN and no infinity: they are texts. */
function writeNumber(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

function writeAttributes(attributes: Attributes): Json[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: writeValue(value) }));
}

function writeValue(value: AttributeValue): Json {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: writeNumber(value) };
  if (value === null) return {};
  if (Array.isArray(value)) return { arrayValue: { values: value.map(writeValue) } };
  return { kvlistValue: { values: writeAttributes(value) } };
}
