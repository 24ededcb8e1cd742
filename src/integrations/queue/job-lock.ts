// When the lock of a job runs out, as BullMQ's worker keeps it. Seen in bullmq 5.13 to 6.7; where
// a version keeps it in another way, nothing is told.
import type { JobInstance } from './bullmq-module.js';

/** The members of a worker that tell. */
interface LockingWorker {
  readonly opts?: { readonly lockDuration?: unknown };
  /** BullMQ 5.56 and later. */
  readonly lockManager?: { readonly trackedJobs?: unknown };
  /** Before. */
  readonly jobsInProgress?: unknown;
}

/** ms since 1970. */
export function lockedUntil(worker: object, job: JobInstance): number | undefined {
  const { opts, lockManager, jobsInProgress }: LockingWorker = worker;
  const duration = opts?.lockDuration;
  if (typeof duration !== 'number') return undefined;
  const renewedAt = timeIn(entryOf(lockManager?.trackedJobs, job)) ?? timeIn(entryIn(jobsInProgress, job)) ?? job.processedOn;
  return renewedAt === undefined ? undefined : renewedAt + duration;
}

function entryOf(tracked: unknown, { id }: JobInstance): unknown {
  return tracked instanceof Map ? tracked.get(id) : undefined;
}

function entryIn(inProgress: unknown, job: JobInstance): unknown {
  if (!(inProgress instanceof Set)) return undefined;
  for (const entry of inProgress) if (typeof entry === 'object' && entry !== null && 'job' in entry && entry.job === job) return entry;
  return undefined;
}

function timeIn(entry: unknown): number | undefined {
  return typeof entry === 'object' && entry !== null && 'ts' in entry && typeof entry.ts === 'number' ? entry.ts : undefined;
}
