// The server counts the position of an error in the text it got; the app shall see it in the text
// it gave.

/**
 * Takes our comment out of `error.position`, a decimal string that counts characters from 1.
 * @param text as the app gave it
 * @param prefixLength characters that were put before it
 */
export function restorePosition(error: unknown, text: string, prefixLength: number): void {
  if (!hasPosition(error)) return;
  const position = Number(error.position) - prefixLength;
  // An error at the end of the input is, for the server, after a trailing comment.
  const end = position > text.length ? Array.from(text).length + 1 : position;
  const restored = String(Math.min(position, end));
  if (restored === error.position) return;
  // Old versions of postgres.js give an object that inherits from the error.
  const owner: object = Object.hasOwn(error, 'position') ? error : Object.getPrototypeOf(error);
  Reflect.set(owner, 'position', restored);
}

function hasPosition(error: unknown): error is { position: string } {
  return (
    typeof error === 'object' && error !== null && 'position' in error && typeof error.position === 'string' && /^\d+$/.test(error.position)
  );
}
