// Bounds what a JSON text unfolds to before it is parsed: 20 MiB of `[{},{},…` are a gigabyte of
// objects.

const MAX_DEPTH = 200;
/** Objects, lists and items of them. A span of ours has about 80. */
const MAX_VALUES = 2_000_000;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** @throws {RangeError} when there is more in it than a sender has reason to send. */
export function checkJsonBounds(body: Buffer): void {
  let depth = 0;
  let values = 0;
  for (let at = 0; at < body.length; at++) {
    const byte = body[at];
    if (byte === QUOTE) at = endOfText(body, at);
    else if (byte === 0x5b || byte === 0x7b) {
      values++;
      if (++depth > MAX_DEPTH) throw new RangeError(`values nested deeper than ${MAX_DEPTH}`);
    } else if (byte === 0x5d || byte === 0x7d) depth--;
    else if (byte === 0x2c) values++;
    if (values > MAX_VALUES) throw new RangeError(`more than ${MAX_VALUES} values`);
  }
}

/** Where the text that begins at `start` ends. */
function endOfText(body: Buffer, start: number): number {
  for (let at = body.indexOf(QUOTE, start + 1); at !== -1; at = body.indexOf(QUOTE, at + 1)) {
    let backslashes = 0;
    while (body[at - 1 - backslashes] === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return at;
  }
  return body.length;
}
