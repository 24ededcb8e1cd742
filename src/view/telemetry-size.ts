// Estimates how much memory received telemetry takes, so that what is kept of it can be bounded in
// bytes.

import type { Origin } from './telemetry.js';

/** Size of an object or a list without its fields. */
const OBJECT_BYTES = 48;
const FIELD_BYTES = 24;
const NUMBER_BYTES = 16;
/** A text with one character outside Latin-1 takes two bytes for each. */
const BYTES_PER_UNIT = 2;

/**
 * The size of each item, with its share of the resource that the items of one sender have in
 * common.
 */
export function sizesOf(items: readonly Origin[]): number[] {
  const users = new Map<object, number>();
  for (const { resource } of items) users.set(resource, (users.get(resource) ?? 0) + 1);
  const shares = new Map([...users].map(([resource, count]) => [resource, sizeOf(resource) / count]));
  return items.map(({ resource, ...own }) => (shares.get(resource) ?? 0) + sizeOf(own));
}

function sizeOf(value: unknown): number {
  if (typeof value === 'string') return NUMBER_BYTES + value.length * BYTES_PER_UNIT;
  if (typeof value !== 'object' || value === null) return NUMBER_BYTES;
  let bytes = OBJECT_BYTES;
  for (const [key, item] of Object.entries(value)) bytes += FIELD_BYTES + key.length * BYTES_PER_UNIT + sizeOf(item);
  return bytes;
}
