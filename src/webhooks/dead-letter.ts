// A dead letter as its reader sees it.
import type { AttemptNote } from './job-runner.js';
import { traceIdOfJob } from './job-trace.js';
import type { WebhookJob, WebhookStore } from './webhook-store.js';

/** An event without attempts left. */
export interface DeadLetter {
  /** The provider's id of the event. */
  readonly id: string;
  readonly type: string;
  readonly jobId: string;
  readonly store: 'redis' | 'postgres';
  /** Message of the last error, as BullMQ keeps it. */
  readonly reason: string;
  readonly receivedAt: Date;
  readonly diedAt: Date;
  /** Number of earlier replays. */
  readonly replays: number;
  /** Trace of the request that enqueued it. */
  readonly traceId: string | undefined;
}

/** A dead letter with all there is to know. */
export interface DeadLetterDetails extends DeadLetter {
  readonly payload: unknown;
  /**
   * Error, time and trace of each failed attempt, oldest first. An attempt whose process died has
   * left nothing.
   */
  readonly attempts: readonly AttemptNote[];
}

/** Selects dead letters; all by default. */
export interface DeadLetterFilter {
  readonly type?: string;
  readonly diedBefore?: Date;
  readonly diedAfter?: Date;
  /** Part of `reason`. */
  readonly reason?: string;
}

export function letterOf(job: WebhookJob, store: WebhookStore['name']): DeadLetter {
  return {
    id: job.data.id,
    type: job.data.type,
    jobId: job.id ?? '',
    store,
    reason: job.failedReason,
    receivedAt: new Date(job.data.receivedAt),
    diedAt: new Date(job.finishedOn ?? job.timestamp),
    replays: job.data.replay?.count ?? 0,
    traceId: traceIdOfJob(job),
  };
}

export function matchesFilter(letter: DeadLetter, { type, diedBefore, diedAfter, reason }: DeadLetterFilter): boolean {
  if (type !== undefined && letter.type !== type) return false;
  if (diedBefore !== undefined && letter.diedAt >= diedBefore) return false;
  if (diedAfter !== undefined && letter.diedAt <= diedAfter) return false;
  return reason === undefined || letter.reason.includes(reason);
}

/** The attempts among the lines of a job's log. */
export function readNotes(lines: readonly string[]): AttemptNote[] {
  return lines.flatMap((line) => {
    try {
      const note: unknown = JSON.parse(line);
      return isNote(note) ? [note] : [];
    } catch {
      return [];
    }
  });
}

function isNote(note: unknown): note is AttemptNote {
  return typeof note === 'object' && note !== null && 'attempt' in note && 'errorType' in note;
}
