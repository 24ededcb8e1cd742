// Estimates the bytes of a queued item: its texts and a constant for the rest. Cheap enough for
// each span.
import type { Attributes } from '@opentelemetry/api';
import type { AnyValue } from '@opentelemetry/api-logs';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { CompletedSpan } from '../sdk/trace/completed-span.js';
import type { ConstantAttributes } from '../sdk/trace/constant-attributes.js';
import { RecordedSpan } from '../sdk/trace/recorded-span.js';

/** Ids, times, flags and the objects that hold them. */
const BASE_BYTES = 300;
const VALUE_BYTES = 16;
/** Nested values deeper than this count as a constant. */
const MAX_DEPTH = 4;

export function sizeOfSpan(span: ReadableSpan): number {
  if (span instanceof CompletedSpan) return BASE_BYTES + span.name.length + sizeOfConstants(span.shape.constants) + sizeOfOwn(span.own);
  let size = BASE_BYTES + span.name.length + sizeOfAttributes(span);
  const message = span.status.message;
  if (message !== undefined) size += message.length;
  for (const event of span.events) size += BASE_BYTES + event.name.length + (event.attributes ? sizeOfFields(event.attributes, 0) : 0);
  for (const link of span.links) size += BASE_BYTES + (link.attributes ? sizeOfFields(link.attributes, 0) : 0);
  return size;
}

export function sizeOfLogRecord(record: ReadableLogRecord): number {
  return BASE_BYTES + sizeOfValue(record.body, 0) + sizeOfFields(record.attributes, 0);
}

function sizeOfAttributes(span: ReadableSpan): number {
  const constants = span instanceof RecordedSpan ? span.constants : undefined;
  if (constants === undefined) return sizeOfFields(span.attributes, 0);
  return sizeOfConstants(constants) + (span instanceof RecordedSpan ? sizeOfOwn(span.ownAttributes) : 0);
}

function sizeOfOwn(attributes: Attributes | undefined): number {
  return attributes === undefined ? 0 : sizeOfFields(attributes, 0);
}

function sizeOfConstants(constants: ConstantAttributes): number {
  constants.bytes ??= sizeOfFields(constants.values, 0);
  return constants.bytes;
}

function sizeOfFields(fields: Readonly<Record<string, AnyValue | undefined>>, depth: number): number {
  let size = 0;
  for (const key in fields) size += key.length + sizeOfValue(fields[key], depth);
  return size;
}

function sizeOfValue(value: AnyValue | undefined, depth: number): number {
  if (typeof value === 'string') return VALUE_BYTES + value.length;
  if (typeof value !== 'object' || value === null || depth >= MAX_DEPTH) return VALUE_BYTES;
  if (value instanceof Uint8Array) return VALUE_BYTES + value.byteLength;
  if (isMap(value)) return VALUE_BYTES + sizeOfFields(value, depth + 1);
  let size = VALUE_BYTES;
  if (Array.isArray(value)) for (const item of value) size += sizeOfValue(item, depth + 1);
  return size;
}

function isMap(value: object): value is Readonly<Record<string, AnyValue>> {
  return !Array.isArray(value);
}
