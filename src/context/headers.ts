// Headers in the forms that apps have them in: those of node:http, those of fetch, plain objects.

/** Headers as Node gives them, as `fetch` has them, or any plain object of strings. */
export type IncomingHeaders = Headers | Readonly<Record<string, string | readonly string[] | number | undefined>>;

/** A header that occurs more often counts as absent. */
const MAX_VALUES = 100;

/**
 * The value of a header as propagators can read it: a string or a list of strings; undefined for
 * anything else.
 * @throws what a list of the app's own making throws
 */
export function headerValueOf(given: unknown): string | string[] | undefined {
  if (typeof given === 'string') return given;
  if (!Array.isArray(given) || given.length > MAX_VALUES) return undefined;
  const values: unknown[] = [...given];
  return values.every((value) => typeof value === 'string') ? values : undefined;
}

/** Without the spaces and tabs that may stand around a value; in one pass, as the value is untrusted. */
export function withoutBlanks(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && isBlank(value.charCodeAt(start))) start++;
  while (end > start && isBlank(value.charCodeAt(end - 1))) end--;
  return value.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/**
 * Recognises the `Headers` of fetch, also those of the undici package and of polyfills. Not by
 * `instanceof`: reading the global loads undici, which costs an app without fetch memory and time,
 * and ends the process where WebAssembly is off (`--jitless`, `--no-expose-wasm` on Node 20 and
 * 22).
 */
export function isFetchHeaders(value: object): value is Headers {
  return Reflect.get(value, Symbol.toStringTag) === 'Headers';
}
