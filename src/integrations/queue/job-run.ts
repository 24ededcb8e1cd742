// A job while the app's processor has it: what it waits for, its lock, and what it tells of its
// progress. The list of running operations holds it, since a processor that awaits what nobody can
// settle is garbage.
import type { Attributes, Context } from '@opentelemetry/api';
import type { ActiveJob } from '../../observe/live-state.js';
import { ageOf, CallOwner, countOpen, describeOpen, describeWait, type OpenCalls, traceIdOf } from '../../observe/open-calls.js';
import { type RunningCategory, running } from '../../observe/running-operations.js';
import { ATTR_ATTEMPT, ATTR_BATCH_COUNT, ATTR_DESTINATION, ATTR_MESSAGE_ID } from './names.js';

/** Words of a program, no values: letters, and what stands between them. */
const STEP = /^[A-Za-z][A-Za-z _.:/-]{0,39}$/;

/** One job of a call of a processor, as its library holds it. */
export interface RunningJob {
  readonly id?: string | undefined;
  /** From 1 on; undefined where the library does not tell. */
  readonly attempt: number | undefined;
  /** What the processor has told last. */
  readonly progress?: unknown;
  /** ms since 1970. */
  readonly lockedUntil: number | undefined;
}

export abstract class JobRun extends CallOwner {
  readonly queue: string;
  readonly context: Context;
  readonly startedAt = performance.now();

  constructor(queue: string, context: Context) {
    super();
    this.queue = queue;
    this.context = context;
    running.add(this);
  }

  /** The context of BullMQ's own work for the job; undefined where there is none. */
  abstract readonly innerContext: Context | undefined;
  /** One, or a batch. */
  abstract readonly jobs: readonly RunningJob[];

  get category(): RunningCategory {
    return 'job';
  }

  get title(): string {
    return this.queue;
  }

  get attributes(): Attributes {
    const [job] = this.jobs;
    const attributes: Attributes = { [ATTR_DESTINATION]: this.queue };
    if (this.jobs.length > 1) attributes[ATTR_BATCH_COUNT] = this.jobs.length;
    else if (job?.id !== undefined) attributes[ATTR_MESSAGE_ID] = job.id;
    if (job?.attempt !== undefined) attributes[ATTR_ATTEMPT] = job.attempt;
    return attributes;
  }

  override get isHeld(): boolean {
    return true;
  }

  protected ended(): void {
    running.remove(this);
  }

  describe(calls: OpenCalls | undefined, now: number): ActiveJob {
    const [job] = this.jobs;
    const others = this.jobs.length - 1;
    return {
      queue: this.queue,
      id: `${job?.id ?? 'unknown'}${others > 0 ? ` and ${others} more` : ''}`,
      attempt: job?.attempt ?? 1,
      age: ageOf(this, now),
      traceId: traceIdOf(this.context),
      step: stepOf(job?.progress),
      lockExpiresIn: job?.lockedUntil === undefined ? undefined : (job.lockedUntil - Date.now()) / 1000,
      waitsFor: describeWait(this, calls, now),
    };
  }
}

/** The `most` oldest jobs that processors have at this moment. */
export function activeJobs(most: number): ActiveJob[] {
  return describeOpen(JobRun, most, (job, calls, now) => job.describe(calls, now));
}

export function countJobs(): number {
  return countOpen(JobRun);
}

/** A number, or a few words; what may be data is not shown. */
function stepOf(progress: unknown): string | undefined {
  if (typeof progress === 'number') return progress === 0 ? undefined : String(progress);
  return typeof progress === 'string' && STEP.test(progress) ? progress : undefined;
}
