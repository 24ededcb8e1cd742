// `sietch-otel profile`: takes a CPU profile or a heap snapshot of a running process, over the
// socket that it answers `sietch-otel now` by.
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { ask, type Outcome } from '../now/ask.js';
import type { PreloadedProcess } from '../now/processes.js';
import { DEFAULT_SECONDS, MAX_SECONDS, MIN_SECONDS } from '../now/profile-bounds.js';
import type { Question } from '../now/protocol.js';
import { hasShape } from '../now/shape.js';
import { cleanText } from '../view/format.js';
import { paperOf } from '../view/paper.js';
import { parseArguments, UsageError } from './command.js';
import { bytes } from './now/units.js';
import { chooseProcess } from './profile/chosen-process.js';
import { moveSnapshot, timeInName, writePrivateFile } from './profile/private-file.js';
import { isCpuProfile, printSummary, type RouteMilliseconds, summarizeProfile } from './profile/summary.js';

const LATE_MS = 3_000;
const GIVE_UP_MS = 60_000;
const MAX_MESSAGE = 500;
const MAX_PROFILE_CHARACTERS = 256 * 1024 * 1024;
const EXIT_INTERRUPTED = 130;
const NO_ANSWER = 'the answer is none of this version of @sietch/otel';
const USAGE = `Usage: sietch-otel profile [options] [pid | service]

Takes a CPU profile of the main thread of a running process that was started with the preload, writes it to a file of
the current folder (.cpuprofile, for the developer tools of Chrome and for VS Code) and prints the ten functions that
took the most time themselves and the share of each route and queue. The process opens no port. Ctrl+C ends the profile.

  --seconds <n>   from ${MIN_SECONDS} to ${MAX_SECONDS} (default ${DEFAULT_SECONDS})
  --heap          a heap snapshot instead (.heapsnapshot): the process stands still while it is written
  --json          print the summary as JSON
  --help
`;

const OPTIONS = {
  seconds: { type: 'string' },
  heap: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

export async function profile(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArguments(argv, USAGE, { allowPositionals: true, options: OPTIONS });
  if (values.help === true) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (positionals.length > 1) throw new UsageError(`Expected one process\n\n${USAGE}`);
  const seconds = readSeconds(values.seconds);
  assertWritable();
  const subject = chooseProcess(positionals[0]);
  const interrupted = onInterruption();
  const isJson = values.json === true;
  const take = values.heap === true ? takeHeapSnapshot(subject, interrupted, isJson) : takeProfile(subject, seconds, interrupted, isJson);
  await take.catch((error: unknown) => {
    if (!interrupted.aborted) throw error;
    process.stderr.write('Ended: nothing is written.\n');
  });
  return interrupted.aborted ? EXIT_INTERRUPTED : 0;
}

function readSeconds(text: string | undefined): number {
  const seconds = text === undefined ? DEFAULT_SECONDS : Number(text);
  if (text !== '' && seconds >= MIN_SECONDS && seconds <= MAX_SECONDS) return seconds;
  throw new UsageError(`Expected \`--seconds\` to be a number from ${MIN_SECONDS} to ${MAX_SECONDS}, got ${JSON.stringify(text)}`);
}

/** Told before the process has been slowed down for nothing. */
function assertWritable(): void {
  try {
    accessSync(process.cwd(), constants.W_OK);
  } catch {
    throw new Error(`the current folder, ${process.cwd()}, cannot be written: call the command in another one`);
  }
}

function onInterruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}

async function takeProfile(subject: PreloadedProcess, seconds: number, interrupted: AbortSignal, isJson: boolean): Promise<void> {
  const begun = () => note(`Profiling pid ${subject.pid} (${subject.service}) for ${seconds} s`);
  let text = '';
  const answer = await answerOf(subject, { ask: 'profile', seconds }, seconds, interrupted, (part) => {
    if (part === '') begun();
    if (text.length <= MAX_PROFILE_CHARACTERS) text += part;
  });
  const taken = parseJson(text);
  if (!isCpuProfile(taken) || !isAnswer(answer)) throw new Error(NO_ANSWER);
  const file = fileName(subject, 'cpuprofile');
  const size = writePrivateFile(file, [Buffer.from(text)]);
  const summary = summarizeProfile(taken, answer.routes, process.cwd());
  process.stdout.write(
    isJson ? `${JSON.stringify({ pid: subject.pid, file, ...summary })}\n` : `${printSummary(summary, paperOf(process.stdout))}\n`,
  );
  note(`Written to ${file} (${bytes(size)})`);
}

async function takeHeapSnapshot(subject: PreloadedProcess, interrupted: AbortSignal, isJson: boolean): Promise<void> {
  note(`Taking a heap snapshot of pid ${subject.pid} (${subject.service}): it stands still until the snapshot is written`);
  note('The snapshot holds everything that is in its memory, passwords and keys too');
  const answer = await answerOf(subject, { ask: 'heap' }, undefined, interrupted, () => {});
  if (!isSnapshot(answer)) throw new Error(NO_ANSWER);
  const file = fileName(subject, 'heapsnapshot');
  const size = moveSnapshot(answer.file, file, subject.uid);
  if (isJson) process.stdout.write(`${JSON.stringify({ pid: subject.pid, file, bytes: size })}\n`);
  note(`Written to ${file} (${bytes(size)})`);
}

/**
 * A first, empty part tells that the process has begun.
 * @param seconds that it takes from then on; undefined where nobody knows
 * @throws {Error} that says why there is no answer
 */
async function answerOf(
  subject: PreloadedProcess,
  question: Question,
  seconds: number | undefined,
  interrupted: AbortSignal,
  take: (part: string) => void,
): Promise<unknown> {
  const waiting = new AbortController();
  const sayLate = () => note(`pid ${subject.pid} does not answer yet: its event loop is blocked, or it is stopped`);
  let late = setTimeout(sayLate, LATE_MS);
  const giveUp = setTimeout(() => waiting.abort(), GIVE_UP_MS);
  const onPart = (part: string) => {
    clearTimeout(giveUp);
    clearTimeout(late);
    if (seconds !== undefined) late = setTimeout(sayLate, seconds * 1_000 + LATE_MS);
    take(part);
  };
  try {
    return readOutcome(await ask(subject.path, question, { onPart, signal: AbortSignal.any([waiting.signal, interrupted]) }), subject.pid);
  } finally {
    clearTimeout(giveUp);
    clearTimeout(late);
  }
}

function readOutcome(outcome: Outcome, pid: number): unknown {
  switch (outcome.status) {
    case 'answered':
      return outcome.answer;
    case 'ended':
      throw new Error(`pid ${pid} has ended`);
    case 'refused':
      throw new Error(
        `pid ${pid}: ${outcome.error === 'unknown_question' ? 'its version of @sietch/otel takes no profiles' : shown(outcome.message)}`,
      );
    case 'failed':
      throw new Error(`pid ${pid}: ${shown(outcome.message)}`);
  }
}

/** Where root asks a process of another user, its words are not to be trusted. */
function shown(message: string): string {
  return cleanText(message).slice(0, MAX_MESSAGE);
}

function fileName({ pid, service }: PreloadedProcess, extension: string): string {
  return join(process.cwd(), `${service || 'node'}-${pid}-${timeInName(new Date())}.${extension}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** On stderr: stdout has what was asked for. */
function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

function isAnswer(answer: unknown): answer is { readonly routes: readonly RouteMilliseconds[] } {
  return hasShape(answer, { routes: [{ name: 'string', milliseconds: 'number' }] });
}

function isSnapshot(answer: unknown): answer is { readonly file: string } {
  return hasShape(answer, { file: 'string' });
}
