// Reads the lines of winston: whether a transport writes one, and what its log record holds.
// Members as of winston 3.0 to 3.19.
import type { Context } from '@opentelemetry/api';
import { SeverityNumber } from '@opentelemetry/api-logs';
import { propertyOf, textOf } from '../../context/api-misuse.js';
import type { Line } from './line-record.js';
import { errorFields } from './logged-value.js';

/** A transport, or a stream that wraps one for exceptions. */
interface Transport {
  readonly level?: string | undefined;
  readonly silent?: unknown;
  readonly handleExceptions?: unknown;
}

export interface WinstonLogger {
  readonly silent?: unknown;
  readonly level?: string | undefined;
  readonly levels: Readonly<Record<string, number>>;
  readonly transports: readonly Transport[];
}

/**
 * The key of `triple-beam` for the level as the app gave it: a format may have coloured the other.
 */
const LEVEL = Symbol.for('level');

/**
 * Whether any transport takes it. A logger without transports says on stderr that it has none; its
 * lines go out by its level.
 */
export function isWritten(logger: WinstonLogger, info: object): boolean {
  const { transports, levels } = logger;
  const rank = levels[levelOf(info) ?? ''] ?? Number.NaN;
  const reaches = (level: string | undefined) => !level || (levels[level] ?? Number.NaN) >= rank;
  if (transports.length === 0) return reaches(logger.level);
  const isException = propertyOf(info, 'exception') === true;
  return transports.some(({ level, silent, handleExceptions }) => {
    return !silent && (!isException || Boolean(handleExceptions)) && reaches(level || logger.level);
  });
}

const LEFT: ReadonlySet<string> = new Set(['level', 'message']);
const STACK: ReadonlySet<string> = new Set([...LEFT, 'stack']);

/** @param info as the formats left it */
export function lineOf(logger: WinstonLogger, info: object, context: Context): Line {
  const level = levelOf(info);
  const message = propertyOf(info, 'message');
  const { exception, left } = exceptionIn(info);
  return {
    severityNumber: severityOf(level, logger.levels),
    severityText: level,
    body: typeof message === 'string' ? withoutColors(message) : (errorFields(message)?.message ?? message),
    fields: info,
    left,
    exception,
    context,
  };
}

/** Whether a transport takes it and its level is error or worse. */
export function isErrorLine(logger: WinstonLogger, info: object): boolean {
  return severityOf(levelOf(info), logger.levels) >= SeverityNumber.ERROR && isWritten(logger, info);
}

function levelOf(info: object): string | undefined {
  return textOf(Reflect.get(info, LEVEL)) ?? textOf(propertyOf(info, 'level'));
}

/** An error that was logged as one, or the stack that winston takes over from it. */
function exceptionIn(info: object): { exception: unknown; left: ReadonlySet<string> } {
  const own = errorFields(info);
  if (own !== undefined) return { exception: own, left: STACK };
  for (const key of ['err', 'error']) {
    const error = errorFields(propertyOf(info, key));
    if (error !== undefined) return { exception: error, left: new Set([...STACK, key]) };
  }
  const stack = textOf(propertyOf(info, 'stack'));
  if (stack === undefined) return { exception: undefined, left: LEFT };
  // `TypeError: text`, of the first line.
  const [, name = 'Error', message = ''] = /^(?:Uncaught )?([\w$.]+)(?:: (.*))?/.exec(stack) ?? [];
  return { exception: { name, message, stack }, left: STACK };
}

/** Levels of winston's own sets (npm, syslog, cli), as in upstream's winston-transport. */
const SEVERITIES: Readonly<Record<string, SeverityNumber>> = {
  emerg: SeverityNumber.FATAL3,
  alert: SeverityNumber.FATAL2,
  crit: SeverityNumber.FATAL,
  fatal: SeverityNumber.FATAL,
  error: SeverityNumber.ERROR,
  warn: SeverityNumber.WARN,
  warning: SeverityNumber.WARN,
  help: SeverityNumber.INFO3,
  notice: SeverityNumber.INFO2,
  data: SeverityNumber.INFO2,
  info: SeverityNumber.INFO,
  http: SeverityNumber.DEBUG3,
  verbose: SeverityNumber.DEBUG2,
  debug: SeverityNumber.DEBUG,
  prompt: SeverityNumber.TRACE4,
  input: SeverityNumber.TRACE2,
  silly: SeverityNumber.TRACE,
  trace: SeverityNumber.TRACE,
};

/** Those of other levels lie between ERROR for the first and TRACE for the last, by their rank. */
const BY_RANK = [SeverityNumber.ERROR, SeverityNumber.WARN, SeverityNumber.INFO, SeverityNumber.DEBUG, SeverityNumber.TRACE];

function severityOf(level: string | undefined, levels: Readonly<Record<string, number>>): SeverityNumber {
  const known = Object.hasOwn(SEVERITIES, level ?? '') ? SEVERITIES[level ?? ''] : undefined;
  const rank = levels[level ?? ''];
  if (known !== undefined || rank === undefined) return known ?? SeverityNumber.UNSPECIFIED;
  const ranks = Object.values(levels);
  const last = Math.max(...ranks);
  const first = Math.min(...ranks);
  const part = last === first ? 0 : (rank - first) / (last - first);
  return BY_RANK[Math.round(part * (BY_RANK.length - 1))] ?? SeverityNumber.UNSPECIFIED;
}

/** `colorize({ all: true })` colours the message too. */
function withoutColors(text: string): string {
  return text.includes('\u001b') ? text.replace(COLORS, '') : text;
}

const COLORS = new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*m`, 'g');
