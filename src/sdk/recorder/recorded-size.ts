// Estimates the bytes of heap that objects of a recorded trace take. Texts of constant attributes
// and keys are shared, so they are not counted, unlike in the size of a span that is encoded.
import type { Attributes, AttributeValue } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { RecordedSpan } from '../trace/recorded-span.js';

/** A trace without its spans: its id and its entries in the ring. */
export const TRACE_BYTES = 320;
/** A span that has not ended: its object, its context, times, and what holds them. */
export const STARTED_BYTES = 400;
const ATTRIBUTE_BYTES = 24;
const EVENT_BYTES = 200;

/** The size of a span that has ended and could not be packed. */
export function recordedSize(span: ReadableSpan): number {
  const own = span instanceof RecordedSpan ? span.ownAttributes : span.attributes;
  let size = STARTED_BYTES + span.name.length + (span.status.message?.length ?? 0);
  if (own !== undefined) size += sizeOf(own);
  for (const { attributes } of span.events) size += EVENT_BYTES + (attributes === undefined ? 0 : sizeOf(attributes));
  for (const { attributes } of span.links) size += EVENT_BYTES + (attributes === undefined ? 0 : sizeOf(attributes));
  return size;
}

function sizeOf(attributes: Attributes): number {
  let size = 0;
  for (const key in attributes) size += ATTRIBUTE_BYTES + lengthOf(attributes[key]);
  return size;
}

function lengthOf(value: AttributeValue | undefined): number {
  if (typeof value === 'string') return value.length;
  if (!Array.isArray(value)) return 0;
  let size = 0;
  for (const item of value) size += ATTRIBUTE_BYTES + (typeof item === 'string' ? item.length : 0);
  return size;
}
