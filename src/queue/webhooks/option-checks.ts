// Checks of options given in code: each names the option, what was expected and what was got.

/** @throws {TypeError | RangeError} */
export function expectInteger(name: string, value: unknown, min: number, max = Number.MAX_SAFE_INTEGER): number {
  return expectNumber(name, value, min, max, true);
}

/** @throws {TypeError | RangeError} */
export function expectNumber(name: string, value: unknown, min: number, max: number, whole = false): number {
  const kind = whole ? 'an integer' : 'a number';
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  const message = `Expected \`${name}\` to be ${kind} ${range}, got ${show(value)}`;
  if (typeof value !== 'number' || Number.isNaN(value) || (whole && !Number.isInteger(value))) throw new TypeError(message);
  if (value < min || value > max) throw new RangeError(message);
  return value;
}

/** @throws {TypeError} */
export function expectFunction<F>(name: string, value: F): F {
  if (typeof value !== 'function') throw new TypeError(`Expected \`${name}\` to be a function, got ${show(value)}`);
  return value;
}

/** @throws {TypeError} */
export function expectObject<O>(name: string, value: O): O {
  if (typeof value !== 'object' || value === null) throw new TypeError(`Expected \`${name}\` to be an object, got ${show(value)}`);
  return value;
}

/** @throws {TypeError} */
export function expectOneOf<T extends string>(name: string, value: unknown, words: readonly T[]): T {
  const found = words.find((word) => word === value);
  if (found === undefined) throw new TypeError(`Expected \`${name}\` to be one of ${words.join(', ')}, got ${show(value)}`);
  return found;
}

/** @throws {TypeError} */
export function expectText(name: string, value: unknown, pattern: RegExp, what: string): string {
  if (typeof value !== 'string' || !pattern.test(value)) throw new TypeError(`Expected \`${name}\` to be ${what}, got ${show(value)}`);
  return value;
}

/** Connections hold passwords: of other values than plain ones only the type is shown. */
export function show(value: unknown): string {
  if (typeof value === 'string') return `\`${value.length > 60 ? `${value.slice(0, 60)}…` : value}\` (string)`;
  if (typeof value === 'number' || typeof value === 'boolean') return `\`${value}\` (${typeof value})`;
  return value === null ? 'null' : typeof value === 'object' ? 'an object' : typeof value;
}
