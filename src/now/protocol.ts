// The protocol between `sietch-otel now` and a process: over a socket of that process, one question
// and one answer, each a line of JSON with the version of the protocol.
//
//   → {"sietch":1,"ask":"state","most":50}
//   ← {"sietch":1,"answer":{"pid":4711, …}}
//   ← {"sietch":1,"error":"unknown_question","message":"…"}
//
// What is too large for one line goes before the answer, in parts of text: {"sietch":1,"part":"…"}.

export const PROTOCOL_VERSION = 1;
export const MAX_QUESTION_BYTES = 4_096;
/** Bound of a line of the process, that of a part too. */
export const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

export interface Question {
  /** Name of the question. */
  readonly ask: string;
  /** Parameters: of the other side, so each is to be checked. */
  readonly [parameter: string]: unknown;
}

/** Why there is no answer. */
export type Refusal = 'unreadable' | 'unknown_version' | 'unknown_question' | 'failed' | 'too_late' | 'too_long';

export type Reply =
  | { readonly answer: unknown }
  | { readonly part: string }
  | { readonly error: Refusal | (string & {}); readonly message: string };

export function encodeLine(content: Question | Reply): string {
  return `${JSON.stringify({ sietch: PROTOCOL_VERSION, ...content })}\n`;
}

/** The question of a line, or why it cannot be answered. */
export function readQuestion(line: string): Question | Extract<Reply, { error: unknown }> {
  const read = readLine(line);
  if (read === undefined) return { error: 'unreadable', message: 'expected a line of JSON, {"sietch":1,"ask":"state"}' };
  const { sietch, ask } = read;
  if (sietch !== PROTOCOL_VERSION) {
    return { error: 'unknown_version', message: `this process speaks version ${PROTOCOL_VERSION} of the protocol` };
  }
  return typeof ask === 'string' ? { ...read, ask } : { error: 'unreadable', message: 'expected the name of a question in "ask"' };
}

/** `undefined` for what is no line of this version. */
export function readReply(line: string): Reply | undefined {
  const read = readLine(line);
  if (read?.['sietch'] !== PROTOCOL_VERSION) return undefined;
  const { answer, part, error, message } = read;
  if (typeof error === 'string') return { error, message: typeof message === 'string' ? message : '' };
  if (typeof part === 'string') return { part };
  return 'answer' in read ? { answer } : undefined;
}

function readLine(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const read: unknown = JSON.parse(line);
    return typeof read === 'object' && read !== null && !Array.isArray(read) ? { ...read } : undefined;
  } catch {
    return undefined;
  }
}
