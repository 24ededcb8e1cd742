// Asks a process over its socket: one question, one answer. The other side may be blocked, from
// another version of this package, or no process of ours at all.
import { connect } from 'node:net';
import { StringDecoder } from 'node:string_decoder';
import { encodeLine, MAX_ANSWER_BYTES, type Question, readReply } from './protocol.js';

export type Outcome =
  | { readonly status: 'answered'; readonly answer: unknown }
  /** The process answers, and does not know the question or could not answer it. */
  | { readonly status: 'refused'; readonly error: string; readonly message: string }
  /** Nobody listens on the socket. */
  | { readonly status: 'ended' }
  /** The connection failed, or what came is no answer. */
  | { readonly status: 'failed'; readonly message: string };

export interface AskOptions {
  /** Gets the parts that come before the answer, in their order. */
  readonly onPart?: (text: string) => void;
  /** Gives up: the outcome is `failed`. */
  readonly signal?: AbortSignal;
}

/**
 * Resolves when the process has answered or cannot; a process whose event loop is blocked does
 * neither. Never rejects.
 */
export function ask(path: string, question: Question, { onPart, signal }: AskOptions = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const decoder = new StringDecoder('utf8');
    let text = '';
    const finish = (outcome: Outcome) => {
      resolve(outcome);
      signal?.removeEventListener('abort', giveUp);
      socket.destroy();
    };
    const giveUp = () => finish({ status: 'failed', message: 'there was no answer in time' });
    signal?.addEventListener('abort', giveUp);
    if (signal?.aborted === true) giveUp();
    socket.once('connect', () => socket.write(encodeLine(question)));
    socket.on('error', (error) => finish(outcomeOf(error)));
    socket.once('close', () => finish({ status: 'failed', message: 'the process closed the connection' }));
    socket.on('data', (chunk) => {
      const lines = (text + decoder.write(chunk)).split('\n');
      text = lines.pop() ?? '';
      if (text.length > MAX_ANSWER_BYTES) finish({ status: 'failed', message: `the answer has more than ${MAX_ANSWER_BYTES} bytes` });
      for (const line of lines) {
        const reply = readReply(line);
        if (reply === undefined) return finish({ status: 'failed', message: 'the answer is none of this version of @sietch/otel' });
        if ('part' in reply) onPart?.(reply.part);
        else return finish('error' in reply ? { status: 'refused', ...reply } : { status: 'answered', answer: reply.answer });
      }
    });
  });
}

function outcomeOf(error: Error): Outcome {
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'ECONNREFUSED' || code === 'ENOENT') return { status: 'ended' };
  return { status: 'failed', message: CUT_OFF.has(code) ? `${AT_ONCE} (${code})` : error.message };
}

/** The process has closed the connection before it read the question. */
const CUT_OFF = new Set(['EPIPE', 'ECONNRESET']);
const AT_ONCE = 'the process closed the connection: too many ask at once, or it is out of file descriptors';
