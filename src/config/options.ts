// Checks options given in code against a table: at every depth unknown names, wrong types and
// values out of range are refused, and the error names the option, what was expected and what was
// given.
import { LONGEST_MS } from './setting.js';
import { editDistance } from './unknown-names.js';

/**
 * Checks the value of one option. Options are optional: undefined is checked only where
 * `isRequired`.
 */
export interface OptionCheck {
  /** @throws {TypeError | RangeError} */
  (name: string, value: unknown): void;
  readonly isRequired?: true;
}

export type OptionTable = Readonly<Record<string, OptionCheck>>;

/**
 * @param name what the options are called, `options` for those of a constructor
 * @param meant words of other libraries → what they are called here
 * @throws {TypeError} for a value of the wrong type, an option that is missing or does not exist
 * @throws {RangeError} for a number out of its bounds
 */
export function checkOptions(name: string, options: unknown, table: OptionTable, meant: Readonly<Record<string, string>> = {}): void {
  if (typeof options !== 'object' || options === null) throw new TypeError(expectation(name, 'an object', options));
  const path = name === 'options' ? '' : `${name}.`;
  for (const key of Object.keys(options)) {
    if (Object.hasOwn(table, key)) continue;
    const known = Object.hasOwn(meant, key) ? meant[key] : nearestKey(key, Object.keys(table));
    throw new TypeError(`Expected no option \`${path}${shorten(key)}\`${known === undefined ? '' : `; there is \`${path}${known}\``}`);
  }
  for (const [key, check] of Object.entries(table)) {
    const value: unknown = Reflect.get(options, key);
    if (value !== undefined || check.isRequired) check(path + key, value);
  }
}

/** An option that must be given. */
export function required(check: OptionCheck): OptionCheck {
  return Object.assign((name: string, value: unknown) => check(name, value), { isRequired: true } as const);
}

export function integer(min: number, max = Number.MAX_SAFE_INTEGER): OptionCheck {
  return numeric('an integer', min, max, Number.isInteger);
}

export function decimal(min: number, max: number): OptionCheck {
  return numeric('a number', min, max, () => true);
}

/** A time that a timer waits. */
export function milliseconds(min: number): OptionCheck {
  return integer(min, LONGEST_MS);
}

export const func: OptionCheck = that('a function', (value) => typeof value === 'function');

export const bool: OptionCheck = that('true or false', (value) => typeof value === 'boolean');

export const date: OptionCheck = that('a valid Date', (value) => value instanceof Date && !Number.isNaN(value.getTime()));

/** A string that matches. */
export function string(what: string, pattern: RegExp): OptionCheck {
  return that(what, (value) => typeof value === 'string' && pattern.test(value));
}

export function oneOf(words: readonly string[]): OptionCheck {
  return that(`one of ${words.join(', ')}`, (value) => typeof value === 'string' && words.includes(value));
}

/** Options with a table of their own. */
export function options(table: OptionTable): OptionCheck {
  return (name, value) => checkOptions(name, value, table);
}

/** A value that `accepts` takes. */
export function that(what: string, accepts: (value: unknown) => boolean): OptionCheck {
  return (name, value) => {
    if (!accepts(value)) throw new TypeError(expectation(name, what, value));
  };
}

/** One of several words or values, or else what `check` checks. */
export function either(values: readonly unknown[], check: OptionCheck): OptionCheck {
  return (name, value) => {
    if (!values.includes(value)) check(name, value);
  };
}

/** The message of a refusal. Objects are shown by type only: connections hold passwords. */
export function expectation(name: string, what: string, value: unknown): string {
  return `Expected \`${name}\` to be ${what}, got ${show(value)}`;
}

function numeric(kind: string, min: number, max: number, accepts: (value: number) => boolean): OptionCheck {
  const what = `${kind} ${max >= LONGEST_MS ? `of at least ${min}` : `from ${min} to ${max}`}`;
  return (name, value) => {
    if (typeof value !== 'number') throw new TypeError(expectation(name, what, value));
    if (!(value >= min && value <= max) || !accepts(value)) throw new RangeError(expectation(name, what, value));
  };
}

function show(value: unknown): string {
  if (typeof value === 'string') return `\`${shorten(value)}\` (string)`;
  if (typeof value === 'number' || typeof value === 'boolean') return `\`${value}\` (${typeof value})`;
  if (Array.isArray(value)) return 'an array';
  return value === null ? 'null' : typeof value === 'object' ? 'an object' : typeof value;
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** The known name that was probably meant: at most half of it differs. */
export function nearestKey(key: string, known: readonly string[]): string | undefined {
  if (key.length > 60) return undefined;
  const ranked = known
    .map((name) => ({ name, distance: editDistance(key.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= Math.max(key.length, name.length) / 2);
  return ranked.sort((a, b) => a.distance - b.distance)[0]?.name;
}
