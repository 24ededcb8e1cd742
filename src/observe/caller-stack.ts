// The stack of whoever called, as text for people: frames of this package and of Node are left out.
// V8 keeps it as it is and writes it when it is read, so that a stack nobody looks at costs a few
// microseconds.

/** What a stack is read from; an `Error`, or an object that V8 has put one on. */
export interface CapturedStack {
  readonly stack?: unknown;
}

/** With those of libraries between; V8's own limit is 10. */
const MAX_CAPTURED = 50;
const MAX_FRAMES = 20;
const MAX_LENGTH = 2_000;
const FRAME = /^\s+at /;
const DATA_URL = /(?<=^at (?:async )?|\()data:.*?(?=:\d+:\d+\)?$|$)/i;
const QUERY = /(?<=^at (?:.*\(|async )?\w+:\/\/[^?#]*)[?#].*?(?=:\d+:\d+\)?$|$)/;
const OF_NODE = /\(?node:|<anonymous>\)?$|\(native\)$/;

/** Never throws. */
export function captureStack(): CapturedStack | undefined {
  const { stackTraceLimit } = Error;
  const captured: CapturedStack = {};
  try {
    Error.stackTraceLimit = MAX_CAPTURED;
    Error.captureStackTrace(captured);
    return captured;
  } catch {
    // An app may have frozen `Error`.
    return undefined;
  } finally {
    restoreLimit(stackTraceLimit);
  }
}

/** Its frames, a line each; undefined where none of the app is left. Never throws. */
export function stackText(captured: CapturedStack | undefined): string | undefined {
  const frames = framesOf(captured)
    .filter((line) => FRAME.test(line) && !OF_NODE.test(line) && !line.includes(__dirname))
    .slice(0, MAX_FRAMES)
    .map((line) => withoutValues(line.trim()));
  return frames.length === 0 ? undefined : frames.join('\n').slice(0, MAX_LENGTH);
}

/**
 * Code that is imported from a `data:` URL is its own name, and what is imported as
 * `./file.js?key=value` has its values in the URL.
 */
function withoutValues(frame: string): string {
  return frame.replace(DATA_URL, 'data:').replace(QUERY, '');
}

/** An app may have a function of its own that writes stacks. */
function framesOf(captured: CapturedStack | undefined): readonly string[] {
  try {
    const stack = captured?.stack;
    return typeof stack === 'string' ? stack.split('\n') : [];
  } catch {
    return [];
  }
}

function restoreLimit(limit: number): void {
  try {
    Error.stackTraceLimit = limit;
  } catch {
    // It could not be set either.
  }
}
