// Reads the fields of an OTLP export in its JSON shape: a foreign body, so every read checks what
// it got. Both encodings pass here (the protobuf decoder makes the same shape), so that what comes
// out cannot depend on which one the sender chose.

import type { Attributes, AttributeValue } from './telemetry.js';

/** Characters kept of a text. */
export const MAX_TEXT_LENGTH = 65_536;
/** Lists and maps in one another, of an attribute: they are walked over by recursion. */
const MAX_DEPTH = 32;

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A field that holds a message; `{}` when it is absent. */
export function readObject(parent: JsonObject, name: string): JsonObject {
  const value = parent[name];
  if (value === undefined || value === null) return {};
  if (!isObject(value)) throw new TypeError(`${name} is not an object`);
  return value;
}

/** A field that holds a list of messages. */
export function readObjects(parent: JsonObject, name: string): JsonObject[] {
  return readList(parent, name).map((item) => {
    if (!isObject(item)) throw new TypeError(`${name} holds something that is not an object`);
    return item;
  });
}

export function readText(parent: JsonObject, name: string): string {
  const value = parent[name];
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') throw new TypeError(`${name} is not a string`);
  return value.length > MAX_TEXT_LENGTH ? cut(value) : value;
}

/** A copy: a part of a text would keep the whole of it in memory. */
function cut(text: string): string {
  return Buffer.from(`${text.slice(0, MAX_TEXT_LENGTH)}… (cut: ${text.length} characters)`).toString();
}

/** A trace or span id as lower-case hex; `''` when it is absent, empty or all zeros. */
export function readId(parent: JsonObject, name: string, bytes: 8 | 16): string {
  const value = readText(parent, name).toLowerCase();
  if (value === '' || /^0+$/.test(value)) return '';
  if (!isHex(value, bytes)) throw new TypeError(`${name} is not ${bytes} bytes of hex`);
  return value;
}

/** Whether a field holds an id: not all zeros. */
export function hasId(parent: JsonObject, name: string, bytes: 8 | 16): boolean {
  const value = parent[name];
  return typeof value === 'string' && isHex(value.toLowerCase(), bytes) && !/^0+$/.test(value);
}

function isHex(text: string, bytes: number): boolean {
  return text.length === bytes * 2 && /^[0-9a-f]+$/.test(text);
}

/**
 * 64-bit integers are decimal strings in JSON, though numbers are accepted
 * (https://protobuf.dev/programming-guides/json/).
 */
export function readBigint(parent: JsonObject, name: string): bigint {
  const value = parent[name];
  if (value === undefined || value === null) return 0n;
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
  if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) return BigInt(value);
  throw new TypeError(`${name} is not an integer`);
}

export function readNumber(parent: JsonObject, name: string): number {
  return readOptionalNumber(parent, name) ?? 0;
}

export function readOptionalNumber(parent: JsonObject, name: string): number | undefined {
  const value = parent[name];
  return value === undefined || value === null ? undefined : toNumber(value, name);
}

export function readNumbers(parent: JsonObject, name: string): number[] {
  return readList(parent, name).map((item) => toNumber(item, name));
}

export function readAttributes(parent: JsonObject, name = 'attributes', depth = 0): Attributes {
  // Without a prototype a sender's key "__proto__" would be lost; with one it would be a way in.
  // Define, don't assign.
  const attributes: Attributes = {};
  for (const pair of readObjects(parent, name)) setOwn(attributes, readText(pair, 'key'), readValue(readObject(pair, 'value'), depth));
  return attributes;
}

/** An AnyValue. Integers too large for a number come out as decimal strings. */
export function readValue(value: JsonObject, depth = 0): AttributeValue {
  if (depth > MAX_DEPTH) throw new RangeError(`values nested deeper than ${MAX_DEPTH}`);
  if (value['stringValue'] !== undefined) return readText(value, 'stringValue');
  if (typeof value['boolValue'] === 'boolean') return value['boolValue'];
  if (value['intValue'] !== undefined) return readInteger(value);
  if (value['doubleValue'] !== undefined) return readNumber(value, 'doubleValue');
  if (value['bytesValue'] !== undefined) return readText(value, 'bytesValue');
  if (value['arrayValue'] !== undefined)
    return readObjects(readObject(value, 'arrayValue'), 'values').map((item) => readValue(item, depth + 1));
  if (value['kvlistValue'] !== undefined) return readAttributes(readObject(value, 'kvlistValue'), 'values', depth + 1);
  return null;
}

function readInteger(value: JsonObject): number | string {
  const integer = readBigint(value, 'intValue');
  const number = Number(integer);
  return Number.isSafeInteger(number) ? number : integer.toString();
}

function readList(parent: JsonObject, name: string): readonly unknown[] {
  const value = parent[name];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new TypeError(`${name} is not a list`);
  return value;
}

function toNumber(value: unknown, name: string): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'string' && /^(-?\d+(\.\d+)?([eE][+-]?\d+)?|NaN|-?Infinity)$/.test(value)) return Number(value);
  throw new TypeError(`${name} is not a number`);
}

function setOwn(attributes: Attributes, key: string, value: AttributeValue): void {
  Object.defineProperty(attributes, key, { value, enumerable: true, configurable: true, writable: true });
}
