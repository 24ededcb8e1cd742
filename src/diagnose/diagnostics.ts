// What the distribution says about itself, on stderr: problems with a code and a remedy, each said once, never more than a bounded number.
import { type DiagLogger, DiagLogLevel, diag } from '@opentelemetry/api';
import { writeLine } from './stderr.js';

/** A problem a person can act on. */
export interface Problem {
  /** Stable code, `SIETCH` and three digits; the doctor explains it. */
  readonly code: string;
  readonly message: string;
  /** What to do about it. */
  readonly remedy?: string;
}

const PREFIX = '[sietch-otel]';
/** Distinct lines remembered, so that each is said once; past that, lines are dropped. */
const MAX_LINES = 500;
/** A line that comes again is said again after this time. */
const REPEAT_AFTER_MS = 60_000;
const MAX_LENGTH = 500;
const CODE = /^SIETCH\d/;

const LEVELS: Readonly<Record<string, DiagLogLevel>> = {
  NONE: DiagLogLevel.NONE,
  ERROR: DiagLogLevel.ERROR,
  WARN: DiagLogLevel.WARN,
  INFO: DiagLogLevel.INFO,
  DEBUG: DiagLogLevel.DEBUG,
  VERBOSE: DiagLogLevel.VERBOSE,
  ALL: DiagLogLevel.ALL,
};

/**
 * Shows OpenTelemetry's own diagnostics from `level` up. Unlike plain OpenTelemetry, warnings and errors are shown when `OTEL_LOG_LEVEL` is unset
 * (the user has no other way to learn why nothing arrives: open-telemetry/opentelemetry-js#4444).
 */
export function showDiagnostics(level: string | undefined): void {
  const logLevel = LEVELS[(level ?? '').toUpperCase()] ?? DiagLogLevel.WARN;
  diag.setLogger(logger, { logLevel, suppressOverrideMessage: true });
}

/** What `make` returns. Upstream's SDK, where it is made with OTEL_LOG_LEVEL set, puts a logger of its own in place, which writes to stdout: that may be data of the app. */
export function keepingDiagnostics<Result>(make: () => Result): Result {
  const { setLogger } = diag;
  diag.setLogger = () => false;
  try {
    return make();
  } finally {
    diag.setLogger = setLogger;
  }
}

/** Says a problem through the diagnostics. */
export function warn(problem: Problem): void {
  say('warn', problem);
}

/** Says a problem that stops a part of the distribution from working. */
export function fail(problem: Problem): void {
  say('error', problem);
}

/** An app may have put a logger of its own in our place. It gets our problems then; the doctor must hear of them all the same. */
function say(level: 'warn' | 'error', { code, message, remedy }: Problem): void {
  const words = [message, ...(remedy === undefined ? [] : [`Remedy: ${remedy}`])];
  isHeard = false;
  diag[level](code, ...words);
  if (!isHeard && process.env['SIETCH_OTEL_DIAGNOSE_ALL']?.toLowerCase() === 'on') logger[level](code, ...words);
}

/** Whether our logger got the last problem. */
let isHeard = false;
const logger = stderrDiagLogger();

function stderrDiagLogger(): DiagLogger {
  /** Problems of ours have room of their own: OpenTelemetry's lines may hold what the app gave it, and be without end. */
  const ours = new Map<string, number>();
  const others = new Map<string, number>();
  const write = (level: string, parts: readonly unknown[]) => {
    isHeard = true;
    const line = `${PREFIX} ${level} ${parts.map(describe).join(' ')}`.replaceAll('\n', ' ').slice(0, MAX_LENGTH);
    const now = Date.now();
    const saidAt = isCode(parts[0]) ? ours : others;
    const last = saidAt.get(line);
    if (last === undefined ? saidAt.size >= MAX_LINES : now - last < REPEAT_AFTER_MS) return;
    saidAt.set(line, now);
    writeLine(line);
  };
  return {
    error: (...parts) => write('error', parts),
    warn: (...parts) => write('warn', parts),
    info: (...parts) => write('info', parts),
    debug: (...parts) => write('debug', parts),
    verbose: (...parts) => write('verbose', parts),
  };
}

function isCode(part: unknown): boolean {
  return typeof part === 'string' && CODE.test(part);
}

function describe(part: unknown): string {
  if (typeof part === 'string') return part;
  try {
    if (Array.isArray(part) && part.length > MAX_LENGTH) return `a list of ${part.length}`;
    return part instanceof Error ? `${part.name}: ${part.message}` : (JSON.stringify(part) ?? String(part));
  } catch {
    return typeof part; // A cyclic object, or one of the app's that throws when it is looked at.
  }
}
