// Key patterns, without the parts that name one entity: `user:4711:cart` is `user:?:cart`. Few
// patterns, and no ids, e-mails or tokens in telemetry.

/** Longer parts are tokens, not names. */
const MAX_PART = 24;
const MAX_LENGTH = 120;
/** Parts looked at; the rest of a longer key is one `?`. */
const MAX_PARTS = 10;

/**
 * Parts between `:` `/` `|` `{` `}` are kept when they are made of ASCII letters, `_`, `-` and `.`
 * only and have at most 24 characters, or are a version such as `v2`; every other part becomes `?`.
 * Bytes that are not such text are `?`.
 */
export function keyPattern(key: unknown): string {
  const text = textOf(key);
  if (text === undefined) return '?';
  let pattern = '';
  let partStart = 0;
  let plain = true;
  let parts = 0;
  for (let index = 0; index <= text.length; index++) {
    const code = index === text.length ? COLON : text.charCodeAt(index);
    if (!isSeparator(code)) {
      if (plain && !isLetter(code)) plain = false;
      continue;
    }
    const kept = index === partStart || (plain && index - partStart <= MAX_PART) || isVersion(text, partStart, index);
    pattern += kept ? text.slice(partStart, index + 1) : index === text.length ? '?' : `?${text[index]}`;
    partStart = index + 1;
    plain = true;
    if (++parts === MAX_PARTS && index < text.length) return `${pattern}?`;
  }
  return pattern.length > MAX_LENGTH ? `${pattern.slice(0, MAX_LENGTH)}…` : pattern;
}

/** The start of a long key, which holds the parts that are looked at. */
function textOf(key: unknown): string | undefined {
  if (typeof key === 'string') return key.length > 512 ? key.slice(0, 512) : key;
  if (Buffer.isBuffer(key)) return key.toString('latin1', 0, 512);
  return undefined;
}

const COLON = 58;

function isSeparator(code: number): boolean {
  return code === COLON || code === 47 /* / */ || code === 124 /* | */ || code === 123 /* { */ || code === 125; /* } */
}

function isLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 /* _ */ || code === 45 /* - */ || code === 46; /* . */
}

/** `v2`, `V10`. */
function isVersion(text: string, start: number, end: number): boolean {
  const length = end - start;
  if (length < 2 || length > 3 || (text.charCodeAt(start) | 32) !== 118) return false;
  for (let index = start + 1; index < end; index++) {
    const code = text.charCodeAt(index);
    if (code < 48 || code > 57) return false;
  }
  return true;
}
