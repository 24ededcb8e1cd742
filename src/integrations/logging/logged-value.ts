// Makes plain data of what an app logs, as JSON would show it: the log records of pino come from
// its JSON lines, and those of the other loggers shall hold the same. Errors keep their text, which
// JSON drops.
import type { AnyValue } from '@opentelemetry/api-logs';
import { isList, ownKeys, propertyOf } from '../../context/api-misuse.js';

/** As sdk/logs/plain-log-record.ts, which copies what comes out of here. */
const MAX_DEPTH = 16;
const MAX_VALUES = 10_000;

/** Never throws, though the app's objects may when they are looked at. */
export function loggedValue(given: unknown): AnyValue {
  return new Copy().value(given, 0);
}

/** @param left keys that are left out */
export function loggedFields(given: object, left: ReadonlySet<string>): Record<string, AnyValue> {
  return new Copy().map(given, 0, left);
}

/** What an error shows, also one of another realm; undefined for what is none. */
export function errorFields(given: unknown): { name: unknown; message: unknown; stack: unknown } | undefined {
  if (!isError(given)) return undefined;
  return { name: propertyOf(given, 'name'), message: propertyOf(given, 'message'), stack: propertyOf(given, 'stack') };
}

class Copy {
  #left = MAX_VALUES;

  value(given: unknown, depth: number): AnyValue {
    if (typeof given === 'string' || typeof given === 'number' || typeof given === 'boolean') return given;
    if (typeof given === 'bigint') return String(given);
    if (typeof given !== 'object' || given === null || depth >= MAX_DEPTH || --this.#left < 0) return undefined;
    if (given instanceof Uint8Array) return given;
    if (isList(given)) return given.slice(0, MAX_VALUES).map((item) => this.value(item, depth + 1));
    const error = errorFields(given);
    if (error !== undefined) return { ...this.map(given, depth, NONE), ...this.map(error, depth, NONE) };
    const json = jsonOf(given);
    return json === given ? this.map(given, depth, NONE) : this.value(json, depth + 1);
  }

  map(given: object, depth: number, left: ReadonlySet<string>): Record<string, AnyValue> {
    const copy: Record<string, AnyValue> = {};
    for (const key of ownKeys(given)) {
      if (left.has(key) || key === '__proto__') continue;
      if (--this.#left < 0) break;
      const value = this.value(propertyOf(given, key), depth + 1);
      if (value !== undefined) copy[key] = value;
    }
    return copy;
  }
}

const NONE: ReadonlySet<string> = new Set();

/**
 * What the object's own `toJSON` makes of it; the object where it has none, or where that throws.
 */
function jsonOf(given: object): unknown {
  const toJson = propertyOf(given, 'toJSON');
  if (typeof toJson !== 'function') return given;
  try {
    return toJson.call(given);
  } catch {
    return given;
  }
}

function isError(given: unknown): given is Error {
  try {
    return given instanceof Error || Object.prototype.toString.call(given) === '[object Error]';
  } catch {
    return false;
  }
}
