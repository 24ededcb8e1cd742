// The value of a header as propagators can read it: a text, or a list of texts.

/** A header that came more often is none. */
const MAX_VALUES = 100;

/** Undefined for what is none. @throws what a list of the app's own making throws */
export function headerValueOf(given: unknown): string | string[] | undefined {
  if (typeof given === 'string') return given;
  if (!Array.isArray(given) || given.length > MAX_VALUES) return undefined;
  const values: unknown[] = [...given];
  return values.every((value) => typeof value === 'string') ? values : undefined;
}
