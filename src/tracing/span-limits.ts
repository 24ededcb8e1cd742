// The limits of attributes, events and links, applied as the SDK applies them.
import { type Attributes, type AttributeValue, diag, type HrTime, type Link } from '@opentelemetry/api';
import { isAttributeValue } from '@opentelemetry/core';
import type { TimedEvent } from '@opentelemetry/sdk-trace';

/** All of them set; no limit is `Infinity`. */
export interface SpanLimits {
  readonly attributeCountLimit: number;
  readonly attributeValueLengthLimit: number;
  readonly eventCountLimit: number;
  readonly linkCountLimit: number;
  readonly attributePerEventCountLimit: number;
  readonly attributePerLinkCountLimit: number;
}

interface LimitedAttributes {
  readonly attributes: Attributes;
  readonly count: number;
  readonly dropped: number;
}

/** Whether it can be an attribute; what cannot is said and left out. */
export function isAttribute(key: string, value: AttributeValue | undefined | null): value is AttributeValue {
  if (value === undefined || value === null) return false;
  if (key.length === 0) {
    diag.warn(`Invalid attribute key: ${key}`);
    return false;
  }
  if (typeof value === 'string' || typeof value === 'number' || isAttributeValue(value)) return true;
  diag.warn(`Invalid attribute value set for key: ${key}`);
  return false;
}

/** Texts at their greatest length; a list is copied. */
export function shorten(value: AttributeValue, limit: number): AttributeValue {
  if (typeof value === 'string') return value.length > limit ? value.slice(0, limit) : value;
  if (typeof value !== 'object') return value;
  return isTextList(value) ? value.map((text) => text?.slice(0, limit)) : value.slice();
}

/** A copy with at most `countLimit` attributes. */
function limitAttributes(given: Attributes | undefined, countLimit: number, lengthLimit: number): LimitedAttributes {
  const attributes: Attributes = {};
  let count = 0;
  let dropped = 0;
  for (const key in given) {
    if (!Object.hasOwn(given, key)) continue;
    const value = given[key];
    if (!isAttribute(key, value)) continue;
    if (count >= countLimit) dropped++;
    else {
      attributes[key] = shorten(value, lengthLimit);
      count++;
    }
  }
  return { attributes, count, dropped };
}

export function limitEvent(name: string, given: Attributes | undefined, time: HrTime, limits: SpanLimits): TimedEvent {
  const { attributes, dropped } = limitAttributes(given, limits.attributePerEventCountLimit, limits.attributeValueLengthLimit);
  return { name, attributes, time, droppedAttributesCount: dropped };
}

export function limitLink({ context, attributes: given }: Link, limits: SpanLimits): Link {
  const { attributes, count, dropped } = limitAttributes(given, limits.attributePerLinkCountLimit, limits.attributeValueLengthLimit);
  return { context, ...(count > 0 ? { attributes } : {}), ...(dropped > 0 ? { droppedAttributesCount: dropped } : {}) };
}

/** The last so many of what was added. */
export class LatestItems<T> {
  readonly items: T[] = [];
  dropped = 0;
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(item: T): void {
    if (this.items.length >= this.#limit) {
      this.items.shift();
      this.dropped++;
    }
    if (this.#limit > 0) this.items.push(item);
  }
}

function isTextList(list: readonly unknown[]): list is (string | null | undefined)[] {
  return list.some((item) => typeof item === 'string');
}
