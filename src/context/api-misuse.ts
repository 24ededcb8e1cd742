// Reports wrong arguments that the app gave to the OpenTelemetry API. By its contract no API call
// throws: the call does what it can, and one line names what was wrong and the caller.

import { warn } from '../diagnose/diagnostics.js';
import { callerFileName } from '../node/caller-file-name.js';

/** One line for each method and fact in this time: the place of the call takes a stack trace. */
const REPEAT_AFTER_MS = 60_000;
/** Methods and facts are from a small fixed set. */
const reportedAt = new Map<string, number>();

/**
 * @param call as an app would write it: `Span.addEvent`
 * @param fact what is wrong, without any value of the app: `the name is undefined`
 */
export function reportMisuse(call: string, fact: string): void {
  const key = `${call} ${fact}`;
  const now = Date.now();
  const last = reportedAt.get(key);
  if (last !== undefined && now - last < REPEAT_AFTER_MS) return;
  reportedAt.set(key, now);
  warn('SIETCH145', `${call}: ${fact}; called from ${callerFileName() ?? 'an unknown file'}`);
}

/** The kind of a value, never the value: it may be a secret. */
export function kindOf(value: unknown): string {
  return value === null ? 'null' : typeof value;
}

/** A name as given; where it is no string, the nearest text. */
export function nameOf(call: string, given: unknown): string {
  if (typeof given === 'string') return given;
  reportMisuse(call, `the name is ${kindOf(given)}, expected a string`);
  // Objects and functions are not asked for a text: that is code of the app, or shows it.
  return typeof given === 'object' || typeof given === 'function' ? kindOf(given) : String(given);
}

/** The text, where it is one. Never throws. */
export function textOf(given: unknown): string | undefined {
  return typeof given === 'string' ? given : undefined;
}

/** A property of an object that may throw when it is looked at. */
export function propertyOf(of: unknown, name: string): unknown {
  if (typeof of !== 'object' || of === null) return undefined;
  try {
    return Reflect.get(of, name);
  } catch {
    return undefined;
  }
}

/** Whether it is an array; its items are not checked. Never throws. */
export function isList<Item = unknown>(given: unknown): given is Item[] {
  try {
    return Array.isArray(given);
  } catch {
    return false; // A revoked proxy.
  }
}

/** The keys of an object; none where it throws. */
export function ownKeys(of: unknown): string[] {
  if (typeof of !== 'object' || of === null) return [];
  try {
    return Object.keys(of);
  } catch {
    return [];
  }
}
