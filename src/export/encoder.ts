// Encodes with upstream's serializers, loaded with the first export and not at start-up; spans in protobuf, which is what is sent most, with ours.
import type { Resource } from '@opentelemetry/resources';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { encodeSpans } from './span-encoder.js';

/** What all items have; parts of the resource (the host's id) are found out asynchronously. */
export type Encodable = { readonly resource: Resource };

/** Of one signal in one format. */
export class Encoder<T extends Encodable> {
  readonly contentType: string;
  readonly #serialize: (items: T[]) => Uint8Array | undefined;
  readonly #countRejected: (answer: Uint8Array) => number;
  readonly #under: (item: T, resource: Resource) => T;

  /** @param under gives the item with another resource */
  constructor(
    contentType: string,
    serialize: (items: T[]) => Uint8Array | undefined,
    countRejected: (answer: Uint8Array) => number,
    under: (item: T, resource: Resource) => T,
  ) {
    this.contentType = contentType;
    this.#serialize = serialize;
    this.#countRejected = countRejected;
    this.#under = under;
  }

  /** `undefined` when an item cannot be encoded. */
  async encode(items: readonly T[]): Promise<Uint8Array | undefined> {
    const resource = items[0]?.resource;
    if (resource?.asyncAttributesPending === true) await resource.waitForAsyncAttributes?.();
    return this.#tryToSerialize([...items]);
  }

  /** As `encode`, without the parts of the resource that are not known yet. */
  encodeNow(items: readonly T[]): Uint8Array | undefined {
    const resource = items[0]?.resource;
    if (resource?.asyncAttributesPending !== true) return this.#tryToSerialize([...items]);
    const known = knownPart(resource);
    return this.#tryToSerialize(items.map((item) => this.#under(item, known)));
  }

  /** How many items the collector refused, by its answer. */
  rejected(answer: Uint8Array): number {
    try {
      return answer.byteLength === 0 ? 0 : Number(this.#countRejected(answer));
    } catch {
      return 0; // Sent all the same; the answer is not OTLP.
    }
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
    json ? (items) => serializer().serializeRequest(items) : encodeSpans,
    (answer) => serializer().deserializeResponse(answer).partialSuccess?.rejectedSpans ?? 0,
    spanUnder,
  );
}

export function createLogEncoder(json: boolean): Encoder<ReadableLogRecord> {
  const { JsonLogsSerializer, ProtobufLogsSerializer } = loadTransformer();
  const serializer = json ? JsonLogsSerializer : ProtobufLogsSerializer;
  return new Encoder(
    contentType(json),
    (items) => serializer.serializeRequest(items),
    (answer) => serializer.deserializeResponse(answer).partialSuccess?.rejectedLogRecords ?? 0,
    itemUnder,
  );
}

/** Each item is one export: the state of all metrics. */
export function createMetricEncoder(json: boolean): Encoder<ResourceMetrics> {
  const { JsonMetricsSerializer, ProtobufMetricsSerializer } = loadTransformer();
  const serializer = json ? JsonMetricsSerializer : ProtobufMetricsSerializer;
  return new Encoder(
    contentType(json),
    ([metrics]) => {
      const encoded = metrics === undefined ? undefined : serializer.serializeRequest(metrics);
      return json && encoded !== undefined ? withNaN(encoded) : encoded;
    },
    () => 0, // Data points, not exports.
    itemUnder,
  );
}

/**
 * A gauge of something that is not known is NaN, which JSON does not have: upstream writes null, that is 0 to some receivers, and to the collector a
 * reason to refuse the whole export. The name is not found inside of texts, where its quotes would be escaped.
 */
function withNaN(encoded: Uint8Array): Uint8Array {
  const text = new TextDecoder().decode(encoded);
  return text.includes('"asDouble":null') ? new TextEncoder().encode(text.replaceAll('"asDouble":null', '"asDouble":"NaN"')) : encoded;
}

function itemUnder<T extends Encodable>(item: T, resource: Resource): T {
  return Object.create(item, { resource: { value: resource } });
}

/** A copy of the span with another resource, since what inherits from a span cannot reach into it. */
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
  // Of two values of a name the first counts, as in the resource itself.
  return resourceFromAttributes(Object.fromEntries(known.reverse()));
}
