// Encodes attributes as protobuf KeyValue messages. Most attributes are the same in nearly every
// span (database, server, statement), so their encoded bytes are cached and copied.
import { FIXED64, LENGTH_DELIMITED, ProtobufWriter, VARINT } from './protobuf-writer.js';

// Fields of opentelemetry.proto.common.v1: KeyValue, AnyValue, and the lists of both.
const KEY = 1;
const VALUE = 2;
const STRING = 1;
const BOOLEAN = 2;
const INTEGER = 3;
const DOUBLE = 4;
const ARRAY = 5;
const KEY_VALUES = 6;
const BYTES = 7;
const ITEMS = 1;

/** Bytes of the length of most messages here. */
const SHORT = 1;
const TWO_TO_63 = 2 ** 63;

/**
 * Values cached per key: an attribute with more values than this usually has a new one each time.
 * Past a bound nothing is cached, and nothing given up: values that never come again pay for no entry.
 */
const MAX_VALUES = 64;
const MAX_KEYS = 256;
const MAX_TEXT = 256;
const MAX_BYTES = 1024 * 1024;

export class AttributeEncoder {
  /** Encoded bytes with their length prefix, by key and value. */
  readonly #cached = new Map<string, Map<unknown, Uint8Array>>();
  readonly #scratch = new ProtobufWriter();
  #bytes = 0;

  /** Writes each attribute as a KeyValue of `field`. */
  write(writer: ProtobufWriter, field: number, attributes: Readonly<Record<string, unknown>>): void {
    for (const key in attributes) {
      if (!Object.hasOwn(attributes, key)) continue;
      const value = attributes[key];
      writer.tag(field, LENGTH_DELIMITED);
      if (!isCacheable(value)) {
        writeKeyValue(writer, key, value);
        continue;
      }
      const known = this.#cached.get(key);
      const cached = known?.get(value);
      if (cached !== undefined) writer.raw(cached);
      else if (this.#hasRoom(known)) writer.raw(this.#cache(key, value));
      else writeKeyValue(writer, key, value);
    }
  }

  #hasRoom(values: Map<unknown, Uint8Array> | undefined): boolean {
    if (this.#bytes >= MAX_BYTES) return false;
    return values === undefined ? this.#cached.size < MAX_KEYS : values.size < MAX_VALUES;
  }

  #cache(key: string, value: unknown): Uint8Array {
    writeKeyValue(this.#scratch, key, value);
    const bytes = this.#scratch.take();
    this.#bytes += bytes.length;
    const values = this.#cached.get(key);
    if (values === undefined) this.#cached.set(key, new Map([[value, bytes]]));
    else values.set(value, bytes);
    return bytes;
  }
}

/** Strings, integers and booleans repeat; fractions are measurements and hardly ever do. */
function isCacheable(value: unknown): boolean {
  return typeof value === 'string' ? value.length <= MAX_TEXT : Number.isInteger(value) || typeof value === 'boolean';
}

function writeKeyValue(writer: ProtobufWriter, key: string, value: unknown): void {
  const start = writer.begin(SHORT);
  writer.tag(KEY, LENGTH_DELIMITED);
  writer.string(key);
  writer.tag(VALUE, LENGTH_DELIMITED);
  writeValue(writer, value);
  writer.end(start, SHORT);
}

/** Writes an AnyValue; an empty one for a value that OTLP has no type for. */
function writeValue(writer: ProtobufWriter, value: unknown): void {
  const start = writer.begin(SHORT);
  if (typeof value === 'string') {
    writer.tag(STRING, LENGTH_DELIMITED);
    writer.string(value);
  } else if (typeof value === 'number') writeNumber(writer, value);
  else if (typeof value === 'boolean') {
    writer.tag(BOOLEAN, VARINT);
    writer.varint(value ? 1 : 0);
  } else if (value instanceof Uint8Array) {
    writer.tag(BYTES, LENGTH_DELIMITED);
    writer.bytes(value);
  } else if (Array.isArray(value)) writeArray(writer, value);
  else if (typeof value === 'object' && value !== null) writeMap(writer, value);
  writer.end(start, SHORT);
}

function writeNumber(writer: ProtobufWriter, value: number): void {
  if (Number.isInteger(value) && value >= -TWO_TO_63 && value < TWO_TO_63) {
    writer.tag(INTEGER, VARINT);
    writer.varint64(value);
  } else {
    writer.tag(DOUBLE, FIXED64);
    writer.double(value);
  }
}

function writeArray(writer: ProtobufWriter, values: readonly unknown[]): void {
  writer.tag(ARRAY, LENGTH_DELIMITED);
  const start = writer.begin(SHORT);
  for (const value of values) {
    writer.tag(ITEMS, LENGTH_DELIMITED);
    writeValue(writer, value);
  }
  writer.end(start, SHORT);
}

function writeMap(writer: ProtobufWriter, values: object): void {
  writer.tag(KEY_VALUES, LENGTH_DELIMITED);
  const start = writer.begin(SHORT);
  for (const [key, value] of Object.entries(values)) {
    writer.tag(ITEMS, LENGTH_DELIMITED);
    writeKeyValue(writer, key, value);
  }
  writer.end(start, SHORT);
}
