// Reads the JSON of Jaeger's UI and API (`{"data":[{"traceID":…,"spans":[…],"processes":{…}}]}`) as
// OTLP JSON, which the reader of exports then checks as it does any body.
// Tags that say what OTLP has fields for, as Jaeger's own translation writes them:
// https://opentelemetry.io/docs/specs/otel/trace/sdk_exporters/jaeger/

import { isObject, type JsonObject, readNumber, readObject, readObjects, readText } from './otlp-json.js';
import { SPAN_KINDS } from './telemetry.js';

const KINDS: readonly string[] = SPAN_KINDS;
const ID_LENGTHS = { trace: 32, span: 16 } as const;
/** Tags that become fields of the span. */
const FIELD_TAGS = new Set(['span.kind', 'error', 'otel.status_code', 'otel.status_description', 'otel.scope.name', 'otel.scope.version']);

export function isJaegerFile(file: JsonObject): boolean {
  return Array.isArray(file['data']);
}

/** The body of an export request. */
export function jaegerToOtlp(file: JsonObject): JsonObject {
  return { resourceSpans: readObjects(file, 'data').flatMap(resourceSpansOf) };
}

function resourceSpansOf(trace: JsonObject): JsonObject[] {
  const processes = readObject(trace, 'processes');
  return readObjects(trace, 'spans').map((span) => {
    const name = readText(span, 'processID');
    const own = isObject(span['process']) ? span['process'] : undefined;
    const process = own ?? (Object.hasOwn(processes, name) ? readObject(processes, name) : {});
    const service = { key: 'service.name', value: { stringValue: readText(process, 'serviceName') } };
    const tags = tagsOf(span, 'tags');
    const scope = { name: textOf(tags.get('otel.scope.name')), version: textOf(tags.get('otel.scope.version')) };
    return {
      resource: { attributes: [service, ...attributesOf(tagsOf(process, 'tags'))] },
      scopeSpans: [{ scope, spans: [otlpSpan(span, tags)] }],
    };
  });
}

function otlpSpan(span: JsonObject, tags: ReadonlyMap<string, unknown>): JsonObject {
  const start = microseconds(span, 'startTime');
  const references = readObjects(span, 'references');
  const traceId = idOf(span, 'traceID', 'trace');
  const parent = references.find((each) => each['refType'] === 'CHILD_OF' && idOf(each, 'traceID', 'trace') === traceId);
  const kind = KINDS.indexOf(textOf(tags.get('span.kind')).toUpperCase());
  return {
    traceId,
    spanId: idOf(span, 'spanID', 'span'),
    parentSpanId: parent === undefined ? '' : idOf(parent, 'spanID', 'span'),
    name: readText(span, 'operationName'),
    kind: Math.max(0, kind),
    startTimeUnixNano: start.toString(),
    endTimeUnixNano: (start + microseconds(span, 'duration')).toString(),
    attributes: attributesOf(new Map([...tags].filter(([key]) => !FIELD_TAGS.has(key)))),
    events: readObjects(span, 'logs').map(otlpEvent),
    links: references
      .filter((each) => each !== parent)
      .map((each) => ({ traceId: idOf(each, 'traceID', 'trace'), spanId: idOf(each, 'spanID', 'span') })),
    status: statusOf(tags),
  };
}

function otlpEvent(log: JsonObject): JsonObject {
  const fields = tagsOf(log, 'fields');
  const name = textOf(fields.get('event')) || 'log';
  return {
    timeUnixNano: microseconds(log, 'timestamp').toString(),
    name,
    attributes: attributesOf(new Map([...fields].filter(([key]) => key !== 'event'))),
  };
}

function statusOf(tags: ReadonlyMap<string, unknown>): JsonObject {
  const code = textOf(tags.get('otel.status_code')).toUpperCase();
  const hasFailed = code === 'ERROR' || String(tags.get('error')) === 'true';
  return { code: hasFailed ? 2 : code === 'OK' ? 1 : 0, message: textOf(tags.get('otel.status_description')) };
}

function tagsOf(parent: JsonObject, name: string): Map<string, unknown> {
  return new Map(readObjects(parent, name).map((tag) => [readText(tag, 'key'), tag['value']]));
}

function attributesOf(tags: ReadonlyMap<string, unknown>): JsonObject[] {
  return [...tags].map(([key, value]) => ({ key, value: otlpValue(value) }));
}

function otlpValue(value: unknown): JsonObject {
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') return Number.isSafeInteger(value) ? { intValue: value } : { doubleValue: value };
  return typeof value === 'string' ? { stringValue: value } : {};
}

/** Jaeger leaves leading zeros away. */
function idOf(parent: JsonObject, name: string, type: keyof typeof ID_LENGTHS): string {
  return readText(parent, name).toLowerCase().padStart(ID_LENGTHS[type], '0');
}

/** In nanoseconds. */
function microseconds(parent: JsonObject, name: string): bigint {
  const value = readNumber(parent, name);
  if (!Number.isSafeInteger(value)) throw new TypeError(`${name} is not a whole number`);
  return BigInt(value) * 1000n;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
