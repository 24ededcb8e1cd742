// Attributes that are the same for many spans: those of a statement on a database, of a command on
// a server. Made once, they are checked, sized and encoded once, while a span with attributes of
// its own pays for each of them.
import type { Attributes, SpanOptions } from '@opentelemetry/api';
import type { SpanLimits } from './span-limits.js';

export class ConstantAttributes {
  readonly values: Attributes;
  readonly count: number;
  /** Length of the longest text. */
  readonly longest: number;
  /** Whether the encoder has written them. */
  isWritten = false;
  /** The attributes as protobuf fields of a span; filled in by the encoder. */
  encoded: Uint8Array | undefined = undefined;
  /** Estimated; filled in by the queue. */
  bytes: number | undefined = undefined;

  /** @param values texts, numbers and booleans; they are frozen */
  constructor(values: Attributes) {
    let count = 0;
    let longest = 0;
    for (const key in values) {
      const value = values[key];
      count++;
      if (typeof value === 'string' && value.length > longest) longest = value.length;
    }
    this.values = Object.freeze(values);
    this.count = count;
    this.longest = longest;
  }
}

/** Options of a span whose attributes are constant; other tracers see plain attributes. */
export interface ConstantOptions extends SpanOptions {
  readonly constants: ConstantAttributes;
}

/**
 * Undefined for attributes that are not constant, or are over the limits.
 * @param attributes those of the options, unless a sampler has added some
 */
export function constantsOf(options: SpanOptions, attributes: Attributes | undefined, limits: SpanLimits): ConstantAttributes | undefined {
  const constants = 'constants' in options ? options.constants : undefined;
  return constants instanceof ConstantAttributes && constants.values === attributes && isWithin(constants, limits) ? constants : undefined;
}

/** @param others how many attributes come to these */
export function isWithin(
  { count, longest }: ConstantAttributes,
  { attributeCountLimit, attributeValueLengthLimit }: SpanLimits,
  others = 0,
): boolean {
  return count + others <= attributeCountLimit && longest <= attributeValueLengthLimit;
}
