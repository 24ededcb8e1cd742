// Copies the attributes of a measurement: the app's own object may change later, or throw when a
// scrape reads it.
import type { Attributes, AttributeValue } from '@opentelemetry/api';
import { isList } from '../../context/api-misuse.js';
import { attributeOf, eachAttribute } from '../trace/span-limits.js';

/** A longer list would be a label of its length, kept for ever. */
const MAX_ITEMS = 1_000;

/** Whether the value is a list that is too long. @throws for a revoked proxy */
export function isLongList(value: unknown): boolean {
  return Array.isArray(value) && value.length > MAX_ITEMS;
}

/** Never throws. Objects become JSON; what JSON cannot hold is left out. */
export function plainAttributes(given: unknown): Attributes {
  const plain: Attributes = {};
  eachAttribute(given, (key, value) => {
    const taken = attributeOf(key, typeof value === 'object' ? usableValue(value) : value, Number.POSITIVE_INFINITY);
    if (taken !== undefined) plain[key] = taken;
  });
  return plain;
}

/** Like `plainAttributes`, and faster for strings and numbers. Never throws. */
export function copyAttributes(given: Attributes | undefined): Attributes {
  try {
    if (typeof given !== 'object') return {};
    const copy = { ...given };
    for (const key in copy) if (typeof copy[key] === 'object' || !isScalar(copy[key])) return plainAttributes(given);
    return copy;
  } catch {
    return plainAttributes(given);
  }
}

function isScalar(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function usableValue(value: AttributeValue): AttributeValue | undefined {
  try {
    if (isLongList(value)) return undefined;
    return isList(value) ? value : JSON.stringify(value);
  } catch {
    return undefined;
  }
}
