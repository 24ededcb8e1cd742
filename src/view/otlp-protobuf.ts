// Decodes the protobuf form of an OTLP export into the shape of its JSON form, driven by the tables
// of otlp-fields.ts.

import { EXPORT_REQUESTS, type Field, type Message, type Scalar } from './otlp-fields.js';
import type { Signal } from './telemetry.js';

/**
 * An attribute may hold lists and maps that hold lists and maps: a sender must not choose how deep
 * our stack grows.
 */
const MAX_DEPTH = 64;
const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

/** Messages and numbers of one body: 20 MiB of empty messages would be a gigabyte of objects. */
const MAX_VALUES = 2_000_000;

interface Cursor {
  readonly bytes: Buffer;
  at: number;
  readonly end: number;
  readonly budget: { left: number };
}

/**
 * Decodes the body of an OTLP export.
 * @throws {RangeError} when the bytes are not a well-formed message.
 */
export function decodeProtobuf(signal: Signal, body: Buffer): Record<string, unknown> {
  const budget = { left: MAX_VALUES };
  return readMessage({ bytes: body, at: 0, end: body.length, budget }, EXPORT_REQUESTS[signal], 0);
}

function readMessage(cursor: Cursor, message: Message, depth: number): Record<string, unknown> {
  if (depth > MAX_DEPTH) throw new RangeError(`messages nested deeper than ${MAX_DEPTH}`);
  const result: Record<string, unknown> = {};
  while (cursor.at < cursor.end) {
    spend(cursor, 1);
    const tag = Number(readVarint(cursor));
    const field = message[tag >>> 3];
    if (field === undefined) skip(cursor, tag & 7);
    else readField(cursor, tag & 7, field, result, depth);
  }
  return result;
}

function readField(
  cursor: Cursor,
  wireType: number,
  [name, type, cardinality]: Field,
  result: Record<string, unknown>,
  depth: number,
): void {
  if (typeof type === 'function') {
    expectWireType(wireType, LENGTH_DELIMITED, name);
    append(result, name, cardinality, readMessage(slice(cursor), type(), depth + 1));
  } else if (type === 'string' || type === 'id' || type === 'bytes') {
    expectWireType(wireType, LENGTH_DELIMITED, name);
    append(result, name, cardinality, readBytes(slice(cursor), type));
  } else if (cardinality === 'repeated' && wireType === LENGTH_DELIMITED) {
    // Numbers of a list come packed; a reader must take both forms
    // (https://protobuf.dev/programming-guides/encoding/#packed).
    const packed = slice(cursor);
    spend(cursor, packed.end - packed.at);
    while (packed.at < packed.end) append(result, name, cardinality, readNumber(packed, type));
  } else {
    expectWireType(wireType, WIRE_TYPES[type], name);
    append(result, name, cardinality, readNumber(cursor, type));
  }
}

function append(result: Record<string, unknown>, name: string, cardinality: 'repeated' | undefined, value: unknown): void {
  const list = result[name];
  if (cardinality === undefined) result[name] = value;
  else if (Array.isArray(list)) list.push(value);
  else result[name] = [value];
}

type NumberType = Exclude<Scalar, 'string' | 'id' | 'bytes'>;
const WIRE_TYPES: Readonly<Record<NumberType, number>> = {
  bool: VARINT,
  uint32: VARINT,
  sint32: VARINT,
  int64: VARINT,
  uint64: VARINT,
  fixed32: FIXED32,
  fixed64: FIXED64,
  sfixed64: FIXED64,
  double: FIXED64,
};

function readNumber(cursor: Cursor, type: NumberType): number | bigint | boolean {
  switch (type) {
    case 'bool':
      return readVarint(cursor) !== 0n;
    case 'uint32':
      return Number(BigInt.asUintN(32, readVarint(cursor)));
    case 'sint32': {
      const zigzag = Number(BigInt.asUintN(32, readVarint(cursor)));
      return (zigzag >>> 1) ^ -(zigzag & 1);
    }
    case 'int64':
      return BigInt.asIntN(64, readVarint(cursor));
    case 'uint64':
      return readVarint(cursor);
    case 'fixed32':
      return cursor.bytes.readUInt32LE(take(cursor, 4));
    case 'fixed64':
      return cursor.bytes.readBigUInt64LE(take(cursor, 8));
    case 'sfixed64':
      return cursor.bytes.readBigInt64LE(take(cursor, 8));
    case 'double':
      return cursor.bytes.readDoubleLE(take(cursor, 8));
  }
}

function readBytes(cursor: Cursor, type: 'string' | 'id' | 'bytes'): string {
  const encoding = { string: 'utf8', id: 'hex', bytes: 'base64' } as const;
  return cursor.bytes.toString(encoding[type], cursor.at, cursor.end);
}

function readVarint(cursor: Cursor): bigint {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = cursor.bytes[take(cursor, 1)] ?? 0;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return BigInt.asUintN(64, value);
  }
  throw new RangeError('a varint longer than 10 bytes');
}

function slice(cursor: Cursor): Cursor {
  const length = Number(readVarint(cursor));
  const at = take(cursor, length);
  return { bytes: cursor.bytes, at, end: at + length, budget: cursor.budget };
}

function skip(cursor: Cursor, wireType: number): void {
  if (wireType === VARINT) readVarint(cursor);
  else if (wireType === FIXED64) take(cursor, 8);
  else if (wireType === LENGTH_DELIMITED) slice(cursor);
  else if (wireType === FIXED32) take(cursor, 4);
  else throw new RangeError(`wire type ${wireType} is unknown`);
}

/** Moves over `length` bytes and returns where they start. */
function take(cursor: Cursor, length: number): number {
  const start = cursor.at;
  if (length > cursor.end - start) throw new RangeError('the message ends in the middle of a field');
  cursor.at = start + length;
  return start;
}

function spend({ budget }: Cursor, values: number): void {
  budget.left -= values;
  if (budget.left < 0) throw new RangeError(`more than ${MAX_VALUES} fields`);
}

function expectWireType(got: number, expected: number, name: string): void {
  if (got !== expected) throw new RangeError(`field ${name} has wire type ${got} instead of ${expected}`);
}
