// Writes the names of attributes into the bundle in the place of the constants that hold them. `{ [ATTR_HTTP_ROUTE]: route }` calls V8's runtime for
// each key until the function is optimized, and grows the object key by key; `{ "http.route": route }` is made at once, in its last shape. esbuild
// puts numbers and short texts in the place of constants, not these.

/** A constant of the bundle: written in capitals, and assigned a text. */
const CONSTANT = /\b([A-Z][A-Z0-9_]{3,})=("[^"\\\n]+")/g;
const ASSIGNED = /\b([A-Z][A-Z0-9_]{3,})=(?![=>])/g;
/** A computed key of an object literal. */
const KEY = /(?<=[{,])\[([A-Z][A-Z0-9_]{3,})\](?=:)/g;
/** A property that is read or written by the value of a constant. */
const PROPERTY = /(?<=[\w$)\]])\[([A-Z][A-Z0-9_]{3,})\]/g;

/** The same text in the same columns, which the source map counts; so only names that are not longer than their constant. */
export function withConstantKeys(text: string): string {
  const names = constantsOf(text);
  const put = (written: string, name: string | undefined): string =>
    name === undefined || name.length > written.length ? written : name.padEnd(written.length);
  return text
    .replace(KEY, (written, constant: string) => put(written, names.get(constant)))
    .replace(PROPERTY, (written, constant: string) => {
      const name = names.get(constant);
      return put(written, name && `[${name}]`);
    });
}

/** By name, with its quotes; of those that are assigned once. */
function constantsOf(text: string): ReadonlyMap<string, string> {
  const assigned = new Map<string, number>();
  for (const [, constant = ''] of text.matchAll(ASSIGNED)) assigned.set(constant, (assigned.get(constant) ?? 0) + 1);
  const found = [...text.matchAll(CONSTANT)].map(([, constant = '', name = '']): [string, string] => [constant, name]);
  return new Map(found.filter(([constant]) => assigned.get(constant) === 1));
}
