// Attributes that are the same for many spans: those of a statement on a database, of a command on
// a server. Made once, they are checked, sized and encoded once, while a span with attributes of
// its own pays for each of them.
import type { Attributes } from '@opentelemetry/api';
import type { SpanLimits } from './span-limits.js';

export interface ConstantAttributes {
  readonly values: Attributes;
  readonly count: number;
  /** Length of the longest text. */
  readonly longest: number;
  /** The attributes as protobuf fields of a span; filled in by the encoder. */
  encoded: Uint8Array | undefined;
  /** Estimated; filled in by the queue. */
  bytes: number | undefined;
}

const known = new WeakMap<Attributes, ConstantAttributes>();

/**
 * Freezes the attributes, which must be texts, numbers and booleans, and marks them as constant. To
 * be given to `startSpan` as they are.
 */
export function constantAttributes(values: Attributes): Attributes {
  const texts = Object.values(values).map((value) => (typeof value === 'string' ? value.length : 0));
  known.set(Object.freeze(values), { values, count: texts.length, longest: Math.max(0, ...texts), encoded: undefined, bytes: undefined });
  return values;
}

/** Undefined for attributes that are not constant, or are over the limits. */
export function constantsOf(attributes: Attributes | undefined, limits?: SpanLimits): ConstantAttributes | undefined {
  const constants = attributes === undefined ? undefined : known.get(attributes);
  return constants === undefined || (limits !== undefined && !isWithin(constants, limits)) ? undefined : constants;
}

/** @param others how many attributes come to these */
export function isWithin(
  { count, longest }: ConstantAttributes,
  { attributeCountLimit, attributeValueLengthLimit }: SpanLimits,
  others = 0,
): boolean {
  return count + others <= attributeCountLimit && longest <= attributeValueLengthLimit;
}
