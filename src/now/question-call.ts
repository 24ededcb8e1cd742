// One connection to the socket of a process: reads one question, sends its answer and closes.
import type { Socket } from 'node:net';
import { type Call, type Handler, type ProcessFacts, RefusedQuestion } from './call.js';
import { encodeLine, MAX_ANSWER_BYTES, MAX_QUESTION_BYTES, type Question, type Reply, readQuestion } from './protocol.js';
import { questions } from './questions.js';

/** Time in which the question must be here, and in which a reader takes what is sent. */
const TRANSIT_MS = 10_000;

/** Never throws, never keeps the process alive. */
export function answerOn(socket: Socket, facts: ProcessFacts): void {
  socket.unref();
  socket.setEncoding('utf8');
  const late = setTimeout(() => socket.destroy(), TRANSIT_MS).unref();
  let text = '';
  const read = (chunk: Buffer | string) => {
    text += String(chunk);
    const end = text.indexOf('\n');
    if (end === -1 && text.length <= MAX_QUESTION_BYTES) return;
    socket.off('data', read);
    // What else is sent is read and dropped: else the end of the connection would not be seen.
    socket.resume();
    clearTimeout(late);
    const question = end === -1 ? tooLong() : readQuestion(text.slice(0, end));
    void answer(question, socket, facts).then((reply) => finish(socket, reply));
  };
  socket.on('data', read);
  // Whoever asked has gone.
  socket.on('error', () => {});
  socket.once('close', () => clearTimeout(late));
}

function tooLong(): Reply {
  return { error: 'unreadable', message: `a question has at most ${MAX_QUESTION_BYTES} characters` };
}

/** Never rejects. */
async function answer(question: Question | Reply, socket: Socket, facts: ProcessFacts): Promise<Reply> {
  if (!('ask' in question)) return question;
  const known = Object.hasOwn(questions, question.ask) ? questions[question.ask] : undefined;
  if (known === undefined) {
    return { error: 'unknown_question', message: `this process answers ${Object.keys(questions).join(', ')}` };
  }
  const abort = new AbortController();
  const call: Call = { facts, signal: abort.signal, sendPart: (text) => send(socket, { part: text }) };
  socket.once('close', () => abort.abort());
  try {
    return await within(known.deadlineMs, run(known.load(), question, call));
  } catch (error) {
    // Other messages may hold what the app gave a library.
    if (error instanceof RefusedQuestion) return { error: 'failed', message: error.message };
    return { error: 'failed', message: error instanceof Error ? error.name : typeof error };
  } finally {
    abort.abort();
  }
}

async function run(handler: Handler, question: Question, call: Call): Promise<Reply> {
  return { answer: (await handler(question, call)) ?? null };
}

function within(ms: number, reply: Promise<Reply>): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const late = () => resolve({ error: 'too_late', message: `no answer within ${ms / 1000} s` });
    const timer = setTimeout(late, ms).unref();
    reply.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function finish(socket: Socket, reply: Reply): void {
  const line = lineOf(reply);
  const isTooLong = Buffer.byteLength(line) > MAX_ANSWER_BYTES;
  socket.end(isTooLong ? encodeLine({ error: 'too_long', message: 'the answer is longer than it may be' }) : line);
  const timer = setTimeout(() => socket.destroy(), TRANSIT_MS).unref();
  socket.once('close', () => clearTimeout(timer));
}

/** Libraries may give what JSON cannot hold. */
function lineOf(reply: Reply): string {
  try {
    return encodeLine(reply);
  } catch (error) {
    return encodeLine({ error: 'failed', message: error instanceof Error ? error.name : typeof error });
  }
}

/** @throws {Error} when it cannot be sent, or nobody reads it. */
function send(socket: Socket, reply: Reply): Promise<void> {
  return new Promise((resolve, reject) => {
    if (!socket.writable) return reject(new Error('nobody waits for the answer'));
    const timer = setTimeout(() => socket.destroy(), TRANSIT_MS).unref();
    socket.write(encodeLine(reply), (error) => {
      clearTimeout(timer);
      if (error) reject(error);
      else resolve();
    });
  });
}
