// The server counts the position of an error in the text it got; the app shall see it in the text it gave.
import type { QueryRun } from './query-run.js';

/** Takes our comment out of `error.position`, a decimal string that counts characters from 1. */
export function restorePosition(error: unknown, run: QueryRun): void {
  if (!hasPosition(error)) return;
  const { text } = run.shape;
  const position = Number(error.position) - run.prefixLength;
  // An error at the end of the input is, for the server, after a trailing comment.
  const end = position > text.length ? Array.from(text).length + 1 : position;
  error.position = String(Math.min(position, end));
}

function hasPosition(error: unknown): error is { position: string } {
  return (
    typeof error === 'object' && error !== null && 'position' in error && typeof error.position === 'string' && /^\d+$/.test(error.position)
  );
}
