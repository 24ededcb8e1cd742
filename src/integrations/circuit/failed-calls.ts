// The last calls of a breaker that failed and counted: they are why it opens. Classes and codes of
// errors only, never their messages.
import { TraceFlags, trace } from '@opentelemetry/api';

/** A call that failed and counted. */
export interface FailedCall {
  /** How it failed. */
  readonly outcome: 'failure' | 'timeout' | 'at_capacity';
  /** Class of the error, e.g. `TypeError`. */
  readonly error: string;
  /** Its `code`, or that of its cause, e.g. `ECONNREFUSED`. */
  readonly code?: string;
  /** Milliseconds. */
  readonly durationMs: number;
  /** When it failed. */
  readonly at: Date;
  /** Trace of the call, when that trace is sampled. */
  readonly traceId?: string;
}

/** How many are kept for each breaker. */
const KEPT = 10;
const CODE = /^[\w.-]{1,64}$/;
const MAX_NAME_LENGTH = 64;

export class FailedCalls {
  readonly #calls: FailedCall[] = [];

  add(outcome: FailedCall['outcome'], error: unknown, durationMs: number): void {
    if (this.#calls.length === KEPT) this.#calls.shift();
    const code = codeOf(error);
    const traceId = sampledTraceId();
    this.#calls.push({
      outcome,
      error: classOf(error),
      ...(code === undefined ? {} : { code }),
      durationMs,
      at: new Date(),
      ...(traceId === undefined ? {} : { traceId }),
    });
  }

  /** Those of the last `windowMs`, oldest first. */
  within(windowMs: number): readonly FailedCall[] {
    const since = Date.now() - windowMs;
    return this.#calls.filter((call) => call.at.getTime() >= since);
  }

  clear(): void {
    this.#calls.length = 0;
  }
}

/** The name of an error's class: never its message. */
export function classOf(error: unknown): string {
  try {
    if (!(error instanceof Error)) return typeof error;
    const name = typeof error.name === 'string' && error.name !== '' ? error.name : 'Error';
    return name.slice(0, MAX_NAME_LENGTH);
  } catch {
    // An error that throws when it is asked for its name.
    return 'Error';
  }
}

/** An error's code, or its cause's: `fetch failed` names its reason only in the cause. */
function codeOf(error: unknown): string | undefined {
  return ownCode(error) ?? (error instanceof Error ? ownCode(error.cause) : undefined);
}

function ownCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' && CODE.test(error.code) ? error.code : undefined;
}

function sampledTraceId(): string | undefined {
  const spanContext = trace.getActiveSpan()?.spanContext();
  return spanContext !== undefined && (spanContext.traceFlags & TraceFlags.SAMPLED) !== 0 ? spanContext.traceId : undefined;
}
