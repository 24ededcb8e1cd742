// Turns whatever a processor throws into an error that BullMQ stores as a failed attempt. BullMQ
// reads errors by class, name and message, and takes some for "I have moved this job": the job
// would stay where it is, or run again at once without using an attempt.
import { UnrecoverableError } from './webhook-error.js';

/** Something else than an error was thrown. */
export class ThrownValueError extends Error {
  override readonly name = 'ThrownValueError';
}

/**
 * An error by which BullMQ's processors say that they moved their job. Processors of WebhookQueue
 * have no job to move.
 */
export class JobNotMovedError extends Error {
  override readonly name = 'JobNotMovedError';
}

const MOVES: readonly string[] = ['DelayedError', 'WaitingError', 'WaitingChildrenError', 'RateLimitError'];
const RATE_LIMIT_MESSAGE = 'bullmq:rateLimitExceeded';
/** Kept with the job. */
const MAX_MESSAGE = 2000;
const MAX_STACK = 10_000;

/** Never throws, also for what throws when it is looked at. */
export function asFailure(thrown: unknown): Error {
  try {
    return failureOf(thrown);
  } catch {
    return new ThrownValueError('The processor threw something that cannot be read');
  }
}

function failureOf(thrown: unknown): Error {
  if (!isErrorLike(thrown)) return new ThrownValueError(describe(thrown));
  const { message } = thrown;
  const classes = classesOf(thrown);
  const move = MOVES.find((name) => classes.includes(name)) ?? (message === RATE_LIMIT_MESSAGE ? 'RateLimitError' : undefined);
  if (move !== undefined) return new JobNotMovedError(`${move} counts as a failed attempt here: ${shorten(message)}`, { cause: thrown });
  // BullMQ itself knows it by its name, or by a class of its own copy.
  if (thrown.name !== 'UnrecoverableError' && classes.includes('UnrecoverableError')) {
    return new UnrecoverableError(shorten(message), { cause: thrown });
  }
  const isPlain = thrown instanceof Error && message.length <= MAX_MESSAGE && (thrown.stack ?? '').length <= MAX_STACK;
  return isPlain ? thrown : copyOf(thrown);
}

interface ErrorLike {
  readonly name?: unknown;
  readonly message: string;
  readonly stack?: unknown;
}

/** Also an error of another realm, as tests under Jest throw them. */
function isErrorLike(thrown: unknown): thrown is ErrorLike {
  return typeof thrown === 'object' && thrown !== null && 'message' in thrown && typeof thrown.message === 'string';
}

/** Its name, and those of its classes. */
function classesOf(thrown: ErrorLike): string[] {
  const names = [String(thrown.name)];
  for (
    let proto: unknown = Object.getPrototypeOf(thrown);
    typeof proto === 'object' && proto !== null;
    proto = Object.getPrototypeOf(proto)
  ) {
    const made: unknown = Object.hasOwn(proto, 'constructor') ? Reflect.get(proto, 'constructor') : undefined;
    if (typeof made === 'function') names.push(made.name);
  }
  return names;
}

function copyOf(thrown: ErrorLike): Error {
  const copy = new Error(shorten(thrown.message), { cause: thrown });
  copy.name = typeof thrown.name === 'string' ? thrown.name.slice(0, 100) : 'Error';
  copy.stack = typeof thrown.stack === 'string' ? thrown.stack.slice(0, MAX_STACK) : `${copy.name}: ${copy.message}`;
  const code: unknown = Reflect.get(thrown, 'code');
  return typeof code === 'string' ? Object.assign(copy, { code }) : copy;
}

function describe(thrown: unknown): string {
  if (typeof thrown === 'string') return shorten(thrown) || 'The processor threw an empty string';
  if (typeof thrown === 'object' && thrown !== null) return 'The processor threw an object that is no error';
  return typeof thrown === 'function' ? 'The processor threw a function' : `The processor threw ${shorten(String(thrown))}`;
}

function shorten(text: string): string {
  return text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE)}…` : text;
}
