// Classifies a failed attempt to store an event: surely not stored, or perhaps stored.

import { DeadlineError } from '../node/deadline.js';

/** Why the store failed; a metric label. */
export type FailureReason = 'unreachable' | 'timeout' | 'full' | 'read_only' | 'loading' | 'unsafe' | 'refused' | 'other';

export interface StoreFailure {
  readonly reason: FailureReason;
  /** The event may have been stored all the same: running it elsewhere could run it twice. */
  readonly isAmbiguous: boolean;
  readonly cause: unknown;
}

/**
 * Error replies of Redis by their first word. A reply means that the command did not do its work.
 */
const REPLIES: Readonly<Record<string, FailureReason>> = {
  OOM: 'full',
  MISCONF: 'full',
  READONLY: 'read_only',
  MASTERDOWN: 'read_only',
  NOREPLICAS: 'read_only',
  LOADING: 'loading',
  BUSY: 'loading',
  TRYAGAIN: 'loading',
  CLUSTERDOWN: 'unreachable',
};
/** ioredis refuses to send while it has no connection. */
const NOT_SENT = /^Stream isn't writeable/;
const TIMED_OUT = /^Command timed out/;
const NEVER_CONNECTED: ReadonlySet<unknown> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/** An event that was not handed to the store because it was known to be away, or not to keep it. */
export class StoreAwayError extends Error {
  override readonly name = 'StoreAwayError';
  readonly reason: FailureReason;

  constructor(message: string, reason: FailureReason = 'unreachable') {
    super(message);
    this.reason = reason;
  }
}

/** Whatever is not known to be harmless counts as ambiguous. */
export function classifyFailure(error: unknown): StoreFailure {
  if (!(error instanceof Error)) return { reason: 'other', isAmbiguous: true, cause: error };
  if (error instanceof StoreAwayError) return { reason: error.reason, isAmbiguous: false, cause: error };
  if (NOT_SENT.test(error.message)) return { reason: 'unreachable', isAmbiguous: false, cause: error };
  if ('code' in error && NEVER_CONNECTED.has(error.code)) return { reason: 'unreachable', isAmbiguous: false, cause: error };
  if (error instanceof DeadlineError || TIMED_OUT.test(error.message)) return { reason: 'timeout', isAmbiguous: true, cause: error };
  if (error.name === 'ReplyError') {
    const word = /^(?:ERR Error running script[^:]*: (?:@\S+: )?)?-?([A-Z]+)/.exec(error.message)?.[1] ?? '';
    return { reason: REPLIES[word] ?? 'refused', isAmbiguous: false, cause: error };
  }
  return { reason: 'other', isAmbiguous: true, cause: error };
}
