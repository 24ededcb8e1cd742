// A log record of the app as a copy that can be kept and sent. The SDK keeps the app's own objects
// as the body, and writes fields of a wrong type as they are: a collector refuses the whole request
// for one of them.
import { context } from '@opentelemetry/api';
import type { AnyValue, LogRecord } from '@opentelemetry/api-logs';
import { isList, ownKeys, propertyOf, textOf } from '../../context/api-misuse.js';
import { usableContext } from '../../context/usable-context.js';
import { exceptionAttributes } from '../trace/exception-attributes.js';
import { isTimeGiven, readTime } from '../trace/span-time.js';

/** Deeper values, and those past so many, are left out. */
const MAX_DEPTH = 16;
const MAX_VALUES = 10_000;

type Changing<T> = { -readonly [Key in keyof T]: T[Key] };

/** Never throws. */
export function plainLogRecord(given: LogRecord): LogRecord {
  const record: Changing<LogRecord> = { context: usableContext(propertyOf(given, 'context'), context.active()) };
  for (const name of ['eventName', 'severityText'] as const) {
    const text = textOf(propertyOf(given, name));
    if (text !== undefined) record[name] = text;
  }
  for (const name of ['timestamp', 'observedTimestamp'] as const) {
    const input = propertyOf(given, name);
    const time = isTimeGiven(input) ? readTime(input, performance.timeOrigin) : undefined;
    if (time !== undefined) record[name] = time;
  }
  const severity = propertyOf(given, 'severityNumber');
  if (isSeverity(severity)) record.severityNumber = severity;
  record.body = new Copy(false).value(propertyOf(given, 'body'), 0);
  const attributes = new Copy(true).map(propertyOf(given, 'attributes'), 0);
  const exception = propertyOf(given, 'exception');
  record.attributes = exception === undefined || exception === null ? attributes : { ...attributesOf(exception), ...attributes };
  return record;
}

function attributesOf(exception: unknown): Record<string, AnyValue> | undefined {
  return exceptionAttributes(typeof exception === 'number' ? String(exception) : exception);
}

/** One copy, bounded as a whole. */
class Copy {
  readonly #onlyPlain: boolean;
  #left = MAX_VALUES;

  /**
   * @param onlyPlain whether objects of classes are left out: as attributes they are not allowed
   */
  constructor(onlyPlain: boolean) {
    this.#onlyPlain = onlyPlain;
  }

  value(given: unknown, depth: number): AnyValue {
    if (typeof given === 'string' || typeof given === 'number' || typeof given === 'boolean') return given;
    if (typeof given === 'bigint') return String(given);
    if (typeof given !== 'object' || given === null || depth >= MAX_DEPTH) return undefined;
    if (isBytes(given)) return Uint8Array.from(given);
    if (isList(given)) return this.#list(given, depth);
    return this.#onlyPlain && !isPlain(given) ? undefined : this.map(given, depth);
  }

  map(given: unknown, depth: number): Record<string, AnyValue> {
    const copy: Record<string, AnyValue> = {};
    for (const key of ownKeys(given)) {
      if (--this.#left < 0) break;
      if (key !== '__proto__') copy[key] = this.value(propertyOf(given, key), depth + 1);
    }
    return copy;
  }

  #list(given: readonly unknown[], depth: number): AnyValue[] {
    const copy: AnyValue[] = [];
    const length = Number(propertyOf(given, 'length'));
    for (let index = 0; index < length && --this.#left >= 0; index++) copy.push(this.value(propertyOf(given, String(index)), depth + 1));
    return copy;
  }
}

function isPlain(given: object): boolean {
  const made = propertyOf(given, 'constructor');
  return made === Object || made === undefined;
}

function isSeverity(value: unknown): value is NonNullable<LogRecord['severityNumber']> {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 24;
}

function isBytes(value: object): value is Uint8Array {
  try {
    return value instanceof Uint8Array;
  } catch {
    return false;
  }
}
