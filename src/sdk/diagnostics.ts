// What the distribution says about itself, on stderr: problems with a code and a remedy, each said once, never more than a bounded number.
import { type DiagLogger, DiagLogLevel, diag } from '@opentelemetry/api';

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
  diag.setLogger(stderrDiagLogger(), { logLevel, suppressOverrideMessage: true });
}

/** Says a problem through the diagnostics. */
export function warn(problem: Problem): void {
  diag.warn(problem.code, problem.message, ...(problem.remedy === undefined ? [] : [`Remedy: ${problem.remedy}`]));
}

/** Says a problem that stops a part of the distribution from working. */
export function fail(problem: Problem): void {
  diag.error(problem.code, problem.message, ...(problem.remedy === undefined ? [] : [`Remedy: ${problem.remedy}`]));
}

/** Writes one line to stderr and never fails: stderr may be closed or a broken pipe. */
export function writeLine(line: string): void {
  try {
    process.stderr.write(`${line}\n`);
  } catch {
    // Nobody is left to tell.
  }
}

function stderrDiagLogger(): DiagLogger {
  const saidAt = new Map<string, number>();
  const say = (level: string, parts: readonly unknown[]) => {
    const line = `${PREFIX} ${level} ${parts.map(describe).join(' ')}`.replaceAll('\n', ' ').slice(0, MAX_LENGTH);
    const now = Date.now();
    const last = saidAt.get(line);
    if (last === undefined ? saidAt.size >= MAX_LINES : now - last < REPEAT_AFTER_MS) return;
    saidAt.set(line, now);
    writeLine(line);
  };
  return {
    error: (...parts) => say('error', parts),
    warn: (...parts) => say('warn', parts),
    info: (...parts) => say('info', parts),
    debug: (...parts) => say('debug', parts),
    verbose: (...parts) => say('verbose', parts),
  };
}

function describe(part: unknown): string {
  if (typeof part === 'string') return part;
  if (part instanceof Error) return `${part.name}: ${part.message}`;
  try {
    return JSON.stringify(part) ?? String(part);
  } catch {
    return String(part);
  }
}
