// Texts that every store takes as they are. PostgreSQL refuses NUL in `text` and, in `jsonb`,
// unpaired surrogates as well; UTF-8 has no form for these.

const UNSTORABLE = /[\0\p{Surrogate}]/u;
const EACH_UNSTORABLE = /[\0\p{Surrogate}]/gu;
/**
 * The escapes that `JSON.stringify` writes for them. Also found where the text itself has a
 * backslash, which does no harm.
 */
const ESCAPE = /\\u(?:0000|d[89a-f][0-9a-f]{2})/;

export function isStorable(text: string): boolean {
  return !UNSTORABLE.test(text);
}

/** Whether JSON text has such characters. */
export function hasUnstorableEscape(json: string): boolean {
  return ESCAPE.test(json);
}

/**
 * The error, with what BullMQ stores of it made storable: else a job could neither fail nor
 * complete, and would be begun anew for ever.
 */
export function asStorableError(error: unknown): unknown {
  if (!(error instanceof Error)) return typeof error === 'string' ? storable(error) : error;
  const [message, stack] = [String(error.message), String(error.stack ?? '')];
  if (isStorable(message) && isStorable(stack)) return error;
  return Object.create(error, { message: { value: storable(message) }, stack: { value: storable(stack), writable: true } });
}

function storable(text: string): string {
  return text.replace(EACH_UNSTORABLE, '\ufffd');
}
