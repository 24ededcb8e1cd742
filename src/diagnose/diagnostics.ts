// Reports the distribution's own problems on stderr, each with a code and a remedy; the same line
// at most once a minute, and a bounded number of lines.
import { type DiagLogFunction, type DiagLogger, DiagLogLevel, diag } from '@opentelemetry/api';
import { onSettingsChange } from '../config/live-settings.js';
import { type DiagnosticCode, diagnostics } from './codes.js';
import { writeLine } from './stderr.js';

const PREFIX = '[sietch-otel]';
/** Distinct lines remembered, so that each is written once; past that, lines are dropped. */
const MAX_LINES = 500;
/** The same line is written again after this time. */
const REPEAT_AFTER_MS = 60_000;
const MAX_LENGTH = 500;
/** Prefix, level, code and the words between. */
const OVERHEAD = 50;
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
 * Shows OpenTelemetry's own diagnostics from `level` up. Unlike plain OpenTelemetry, warnings and
 * errors are shown when `OTEL_LOG_LEVEL` is unset (the user has no other way to learn why nothing
 * arrives: open-telemetry/opentelemetry-js#4444).
 */
export function showDiagnostics(level: string | undefined): void {
  diag.setLogger(logger, { logLevel: levelOf(level), suppressOverrideMessage: true });
}

/**
 * As `showDiagnostics`, for a level that changes while the process runs. The logger itself looks at
 * the level then: to set it once more in the API would replace one that the app has set meanwhile.
 */
export function showChangingDiagnostics(settings: { readonly logLevel: string }): void {
  let shown = levelOf(settings.logLevel);
  onSettingsChange(settings, () => {
    shown = levelOf(settings.logLevel);
  });
  const above = (least: DiagLogLevel, write: DiagLogFunction): DiagLogFunction => {
    return (...parts) => {
      if (shown >= least) write(...parts);
    };
  };
  const filter = {
    error: above(DiagLogLevel.ERROR, logger.error),
    warn: above(DiagLogLevel.WARN, logger.warn),
    info: above(DiagLogLevel.INFO, logger.info),
    debug: above(DiagLogLevel.DEBUG, logger.debug),
    verbose: above(DiagLogLevel.VERBOSE, logger.verbose),
  };
  diag.setLogger(filter, { logLevel: DiagLogLevel.ALL, suppressOverrideMessage: true });
}

function levelOf(level: string | undefined): DiagLogLevel {
  return LEVELS[(level ?? '').toUpperCase()] ?? DiagLogLevel.WARN;
}

/**
 * Runs `make` with our diagnostics logger kept: with OTEL_LOG_LEVEL set, upstream's SDK would
 * replace it with one that writes to stdout, which may carry data.
 */
export function keepingDiagnostics<Result>(make: () => Result): Result {
  const { setLogger } = diag;
  diag.setLogger = () => false;
  try {
    return make();
  } finally {
    diag.setLogger = setLogger;
  }
}

/**
 * Reports a problem: the text of its code, the fact with its value, and a remedy.
 * @param remedy where the fact allows a more exact one than the table has
 */
export function warn(code: DiagnosticCode, detail?: string, remedy?: string): void {
  report('warn', code, detail, remedy);
}

/** Reports what most apps can do without: it is shown from `OTEL_LOG_LEVEL=info` on. */
export function note(code: DiagnosticCode, detail?: string): void {
  report('info', code, detail);
}

/** Reports a problem that stops a part of the distribution from working. */
export function fail(code: DiagnosticCode, detail?: string, remedy?: string): void {
  report('error', code, detail, remedy);
}

/**
 * The app may have replaced our logger with its own, which then gets the problem; the doctor needs
 * it on stderr all the same.
 */
function report(level: 'info' | 'warn' | 'error', code: DiagnosticCode, detail = '', remedy: string = diagnostics()[code].remedy): void {
  const { what } = diagnostics()[code];
  // The remedy must not be cut off: a stack is longer than a line.
  const room = Math.max(0, MAX_LENGTH - what.length - remedy.length - OVERHEAD);
  const parts = [code, detail === '' ? what : `${what}: ${detail.slice(0, room)}`, `Remedy: ${remedy}`] as const;
  isLogged = false;
  diag[level](...parts);
  if (!isLogged && process.env['SIETCH_OTEL_DIAGNOSE_ALL']?.toLowerCase() === 'on') logger[level](...parts);
}

/** Whether our logger got the last problem. */
let isLogged = false;
/**
 * When each line was written. Problems of ours have room of their own: OpenTelemetry's lines may
 * hold what the app gave it, and be without end.
 */
const ours = new Map<string, number>();
const others = new Map<string, number>();

/** The lines of ours that were written so far, each once, with when that was last; at most 500. */
export function writtenLines(): ReadonlyMap<string, number> {
  return ours;
}

const logger = stderrDiagLogger();

function stderrDiagLogger(): DiagLogger {
  const write = (level: string, parts: readonly unknown[]) => {
    isLogged = true;
    const line = `${PREFIX} ${level} ${parts.map(describe).join(' ')}`.replaceAll('\n', ' ').slice(0, MAX_LENGTH);
    const now = Date.now();
    const writtenAt = isCode(parts[0]) ? ours : others;
    const last = writtenAt.get(line);
    if (last === undefined ? writtenAt.size >= MAX_LINES : now - last < REPEAT_AFTER_MS) return;
    writtenAt.set(line, now);
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
