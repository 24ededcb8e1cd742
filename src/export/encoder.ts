// Encodes items with upstream's serializers, which are loaded with the first export and not at
// start. Spans and metrics in protobuf, which is most of what is sent, have encoders of their own.
import type { Resource } from '@opentelemetry/resources';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { withJsonExemplars } from './json-exemplars.js';
import { MetricEncoder } from './metric-encoder.js';
import type { PartialSuccess, SendResult } from './sender.js';
import { encodeSpans } from './span-encoder.js';

/** Items that have a resource, parts of which (the host's id) are detected asynchronously. */
export type Encodable = { readonly resource: Resource };

/** An encoded request, without the items that could not be encoded. */
export interface Encoded {
  readonly body: Uint8Array;
  readonly unencodable: number;
}

/** A response as upstream deserializes it; the name of the count depends on the signal. */
interface Answer {
  readonly partialSuccess?: object;
}

/** The field of `partial_success` that counts what was rejected. */
interface RejectedField {
  readonly name: string;
  readonly unit: PartialSuccess['unit'];
}

/** Encodes one signal in one format. */
export class Encoder<T extends Encodable> {
  readonly contentType: string;
  readonly #serialize: (items: T[]) => Uint8Array | undefined;
  readonly #readAnswer: (answer: Uint8Array) => PartialSuccess | undefined;
  readonly #under: (item: T, resource: Resource) => T;

  /** @param under gives the item with another resource */
  constructor(
    contentType: string,
    serialize: (items: T[]) => Uint8Array | undefined,
    readAnswer: (answer: Uint8Array) => PartialSuccess | undefined,
    under: (item: T, resource: Resource) => T,
  ) {
    this.contentType = contentType;
    this.#serialize = serialize;
    this.#readAnswer = readAnswer;
    this.#under = under;
  }

  /** `undefined` when no item can be encoded. */
  async encode(items: readonly T[]): Promise<Encoded | undefined> {
    const resource = items[0]?.resource;
    if (resource?.asyncAttributesPending === true) await resource.waitForAsyncAttributes?.();
    return this.#encodeAll([...items]);
  }

  /** The same as `encode`, without waiting for asynchronous resource attributes. */
  encodeNow(items: readonly T[]): Encoded | undefined {
    const resource = items[0]?.resource;
    if (resource?.asyncAttributesPending !== true) return this.#encodeAll([...items]);
    const known = knownPart(resource);
    return this.#encodeAll(items.map((item) => this.#under(item, known)));
  }

  /** The result of a request that the collector took, by its answer. */
  readAnswer({ unencodable }: Encoded, answer: Uint8Array | undefined): SendResult {
    const sent: SendResult = unencodable === 0 ? { status: 'sent' } : { status: 'sent', unencodable };
    if (answer === undefined || answer.byteLength === 0) return sent;
    try {
      const partial = this.#readAnswer(answer);
      return partial === undefined ? sent : { ...sent, partial };
    } catch {
      return sent; // The answer is not OTLP.
    }
  }

  /**
   * An item that cannot be encoded must not take the others with it: it is found by encoding each
   * by itself.
   */
  #encodeAll(items: T[]): Encoded | undefined {
    const whole = this.#tryToSerialize(items);
    if (whole !== undefined) return { body: whole, unencodable: 0 };
    const good = items.filter((item) => this.#tryToSerialize([item]) !== undefined);
    const body = good.length === 0 ? undefined : this.#tryToSerialize(good);
    return body === undefined ? undefined : { body, unencodable: items.length - good.length };
  }

  #tryToSerialize(items: T[]): Uint8Array | undefined {
    try {
      return this.#serialize(items);
    } catch {
      return undefined;
    }
  }
}

export function createSpanEncoder(json: boolean): Encoder<ReadableSpan> {
  const serializer = () => (json ? loadTransformer().JsonTraceSerializer : loadTransformer().ProtobufTraceSerializer);
  return new Encoder(
    contentType(json),
    json ? (items) => withJsonNumbers(serializer().serializeRequest(items)) : encodeSpans,
    (answer) => readPartialSuccess(serializer().deserializeResponse(answer), { name: 'rejectedSpans', unit: 'items' }),
    spanUnder,
  );
}

export function createLogEncoder(json: boolean): Encoder<ReadableLogRecord> {
  const { JsonLogsSerializer, ProtobufLogsSerializer } = loadTransformer();
  const serializer = json ? JsonLogsSerializer : ProtobufLogsSerializer;
  return new Encoder(
    contentType(json),
    (items) => (json ? withJsonNumbers(serializer.serializeRequest(items)) : serializer.serializeRequest(items)),
    (answer) => readPartialSuccess(serializer.deserializeResponse(answer), { name: 'rejectedLogRecords', unit: 'items' }),
    itemUnder,
  );
}

/** Each item is one export: the state of all metrics. */
export function createMetricEncoder(json: boolean): Encoder<ResourceMetrics> {
  const { JsonMetricsSerializer, ProtobufMetricsSerializer } = loadTransformer();
  const serializer = json ? JsonMetricsSerializer : ProtobufMetricsSerializer;
  const protobuf = json ? undefined : new MetricEncoder();
  return new Encoder(
    contentType(json),
    ([metrics]) => {
      if (metrics === undefined || protobuf !== undefined) return metrics && protobuf?.encode(metrics);
      const encoded = withJsonNumbers(JsonMetricsSerializer.serializeRequest(metrics));
      return encoded && withJsonExemplars(encoded, metrics);
    },
    (answer) => readPartialSuccess(serializer.deserializeResponse(answer), { name: 'rejectedDataPoints', unit: 'data points' }),
    itemUnder,
  );
}

/** Undefined for a full success. Numbers of 64 bits are text in JSON. */
function readPartialSuccess({ partialSuccess }: Answer, { name, unit }: RejectedField): PartialSuccess | undefined {
  if (typeof partialSuccess !== 'object' || partialSuccess === null) return undefined;
  const rejected = Number(Reflect.get(partialSuccess, name) ?? 0);
  const message: unknown = Reflect.get(partialSuccess, 'errorMessage');
  const text = typeof message === 'string' ? message : '';
  return rejected > 0 || text !== '' ? { rejected: rejected > 0 ? Math.trunc(rejected) : 0, unit, message: text } : undefined;
}

/**
 * Numbers that JSON or int64 does not have, for which a collector refuses the whole request: NaN,
 * which upstream writes as null, and whole numbers past 2^63. The names are not found inside of
 * texts, where their quotes would be escaped.
 */
function withJsonNumbers(encoded: Uint8Array | undefined): Uint8Array | undefined {
  if (encoded === undefined) return undefined;
  const text = new TextDecoder().decode(encoded);
  if (!ODD_NUMBER.test(text)) return encoded;
  const numbers = text
    .replace(/"(asDouble|doubleValue)":null/g, '"$1":"NaN"')
    .replace(/"intValue":(-?(?:\d{19,}|[\d.]+e\+\d+))/g, (as, digits) => (isInt64(Number(digits)) ? as : `"doubleValue":${digits}`));
  return new TextEncoder().encode(numbers);
}

const ODD_NUMBER = /"(?:asDouble|doubleValue)":null|"intValue":-?(?:\d{19}|[\d.]+e)/;
const TWO_TO_63 = 2 ** 63;

function isInt64(value: number): boolean {
  return value >= -TWO_TO_63 && value < TWO_TO_63;
}

function itemUnder<T extends Encodable>(item: T, resource: Resource): T {
  return Object.create(item, { resource: { value: resource } });
}

/**
 * A copy of the span with another resource, since what inherits from a span cannot reach into it.
 */
export function spanUnder(span: ReadableSpan, resource: Resource): ReadableSpan {
  const { name, kind, parentSpanContext, startTime, endTime, duration, ended, status, attributes, events, links } = span;
  const { droppedAttributesCount, droppedEventsCount, droppedLinksCount, instrumentationScope } = span;
  return {
    ...{ name, kind, startTime, endTime, duration, ended, status, attributes, events, links, instrumentationScope, resource },
    ...{ droppedAttributesCount, droppedEventsCount, droppedLinksCount },
    ...(parentSpanContext === undefined ? {} : { parentSpanContext }),
    spanContext: () => span.spanContext(),
  };
}

function loadTransformer(): typeof import('@opentelemetry/otlp-transformer') {
  return require('@opentelemetry/otlp-transformer');
}

function contentType(json: boolean): string {
  return json ? 'application/json' : 'application/x-protobuf';
}

function knownPart(resource: Resource): Resource {
  const { resourceFromAttributes }: typeof import('@opentelemetry/resources') = require('@opentelemetry/resources');
  const known = resource.getRawAttributes().filter(([, value]) => !(value instanceof Promise));
  // The first of two values of a name counts, as in the resource itself.
  return resourceFromAttributes(Object.fromEntries(known.reverse()));
}
