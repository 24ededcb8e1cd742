// The forms in which headers come in.

/** Headers as Node gives them, as `fetch` has them, or any plain object of strings. */
export type IncomingHeaders = Headers | Readonly<Record<string, string | readonly string[] | number | undefined>>;
