// The limits of attributes, events and links, applied as the SDK applies them.
import { type Attributes, type AttributeValue, diag, type HrTime, type Link } from '@opentelemetry/api';
import { isAttributeValue } from '@opentelemetry/core';
import type { TimedEvent } from '@opentelemetry/sdk-trace';
import type { sdkSettings } from '../../config/core-settings.js';
import type { SettingsOf } from '../../config/setting.js';
import { ownKeys, propertyOf } from '../../context/api-misuse.js';
import { copySpanContext } from './span-context.js';

/** All of them set; no limit is `Infinity`. */
export interface SpanLimits {
  readonly attributeCountLimit: number;
  readonly attributeValueLengthLimit: number;
  readonly eventCountLimit: number;
  readonly linkCountLimit: number;
  readonly attributePerEventCountLimit: number;
  readonly attributePerLinkCountLimit: number;
}

/** The limits that `OTEL_*_LIMIT` set. */
export function createSpanLimits(settings: SettingsOf<typeof sdkSettings>): SpanLimits {
  const { spanAttributeCount, attributeCount, spanAttributeLength, attributeLength } = settings;
  return {
    attributeCountLimit: Number(spanAttributeCount || attributeCount),
    attributeValueLengthLimit: Number(spanAttributeLength || attributeLength || Number.POSITIVE_INFINITY),
    eventCountLimit: settings.eventCount,
    linkCountLimit: settings.linkCount,
    attributePerEventCountLimit: Number(settings.eventAttributeCount || settings.attributesPerEvent),
    attributePerLinkCountLimit: Number(settings.linkAttributeCount || settings.attributesPerLink),
  };
}

interface LimitedAttributes {
  readonly attributes: Attributes;
  readonly count: number;
  readonly dropped: number;
}

/** Longer lists are no attributes: they would hold the app up while they are looked through. */
const MAX_ITEMS = 100_000;

/**
 * The value as an attribute, texts at their greatest length, a list as a copy. Undefined for what
 * is none, which is said. Never throws.
 */
export function attributeOf(key: string, value: AttributeValue | undefined | null, limit: number): AttributeValue | undefined {
  if (value === undefined || value === null) return undefined;
  // The key __proto__ would change the prototype of the attributes.
  if (typeof key !== 'string' || key === '' || key === '__proto__') {
    diag.warn(`Invalid attribute key: ${typeof key === 'string' ? key : typeof key}`);
    return undefined;
  }
  if (typeof value === 'string') return value.length > limit ? value.slice(0, limit) : value;
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  const list = copyList(value, limit);
  if (list === undefined) diag.warn(`Invalid attribute value set for key: ${key}`);
  return list;
}

/** Whether `attributeOf` would return it as it is, without a limit of its length. */
export function isSimpleAttribute(key: string, value: unknown): boolean {
  const isSimple = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return isSimple && key !== '' && key !== '__proto__';
}

/**
 * Copies a list of items of one type, gaps allowed. Only the copy is checked and read: a list of
 * the app's own class may answer differently twice.
 */
function copyList(value: unknown, limit: number): AttributeValue | undefined {
  try {
    if (!Array.isArray(value)) return undefined;
    const { length } = value;
    if (!(length <= MAX_ITEMS)) return undefined;
    const copy: unknown[] = [];
    for (let index = 0; index < length; index++) {
      const item: unknown = value[index];
      copy.push(typeof item === 'string' && item.length > limit ? item.slice(0, limit) : item);
    }
    return isAttributeValue(copy) ? copy : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Calls for each own property. What throws when it is looked at is left out. Never throws, if
 * `take` does not.
 */
export function eachAttribute(given: unknown, take: (key: string, value: AttributeValue | undefined) => void): void {
  for (const key of ownKeys(given)) {
    const value: unknown = propertyOf(given, key);
    if (value === undefined || isAttributeKind(value)) take(key, value);
    else diag.warn(`Invalid attribute value set for key: ${key}`);
  }
}

function isAttributeKind(value: unknown): value is AttributeValue {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || typeof value === 'object';
}

/** A copy with at most `countLimit` attributes. */
function limitAttributes(given: Attributes | undefined, countLimit: number, lengthLimit: number): LimitedAttributes {
  const attributes: Attributes = {};
  let count = 0;
  let dropped = 0;
  eachAttribute(given, (key, value) => {
    const taken = attributeOf(key, value, lengthLimit);
    if (taken === undefined) return;
    if (count >= countLimit) dropped++;
    else {
      attributes[key] = taken;
      count++;
    }
  });
  return { attributes, count, dropped };
}

const NO_LIMITS: SpanLimits = {
  attributeCountLimit: Number.POSITIVE_INFINITY,
  attributeValueLengthLimit: Number.POSITIVE_INFINITY,
  eventCountLimit: Number.POSITIVE_INFINITY,
  linkCountLimit: Number.POSITIVE_INFINITY,
  attributePerEventCountLimit: Number.POSITIVE_INFINITY,
  attributePerLinkCountLimit: Number.POSITIVE_INFINITY,
};

/** What of attributes and links is legal, for a sampler that is not ours. */
export function legalArguments(given: Attributes | undefined, links: readonly Link[]): { attributes: Attributes; links: Link[] } {
  const { attributes } = limitAttributes(given, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
  return { attributes, links: [...links].flatMap((link) => limitLink(link, NO_LIMITS) ?? []) };
}

export function limitEvent(name: string, given: Attributes | undefined, time: HrTime, limits: SpanLimits): TimedEvent {
  const { attributes, dropped } = limitAttributes(given, limits.attributePerEventCountLimit, limits.attributeValueLengthLimit);
  return { name, attributes, time, droppedAttributesCount: dropped };
}

/** Undefined for a link to nothing. Never throws. */
export function limitLink(link: Link | null | undefined, limits: SpanLimits): Link | undefined {
  if (link === undefined || link === null) return undefined;
  try {
    const context = copySpanContext(link.context);
    if (context === undefined) return undefined;
    const { attributePerLinkCountLimit, attributeValueLengthLimit } = limits;
    const { attributes, count, dropped } = limitAttributes(link.attributes, attributePerLinkCountLimit, attributeValueLengthLimit);
    return { context, ...(count > 0 ? { attributes } : {}), ...(dropped > 0 ? { droppedAttributesCount: dropped } : {}) };
  } catch {
    return undefined;
  }
}

/** The last so many of what was added. */
export class LatestItems<T> {
  readonly items: T[];
  dropped: number;
  readonly #limit: number;

  constructor(limit: number, items: T[] = [], dropped = 0) {
    this.#limit = limit;
    this.items = items;
    this.dropped = dropped;
  }

  add(item: T): void {
    if (this.items.length >= this.#limit) {
      this.items.shift();
      this.dropped++;
    }
    if (this.#limit > 0) this.items.push(item);
  }
}
