// One call of a handler of pg-boss, with the jobs that it is given: listed until it is settled.
import type { Context } from '@opentelemetry/api';
import type { PromiseObserver } from '../../../observe/observe-promise.js';
import { JobRun, type RunningJob } from '../job-run.js';
import type { PgBossJob } from './pg-boss-module.js';

export class PgBossRun extends JobRun implements PromiseObserver {
  readonly innerContext = undefined;
  protected readonly given: readonly PgBossJob[];

  constructor(queue: string, context: Context, given: readonly PgBossJob[]) {
    super(queue, context);
    this.given = given;
  }

  get jobs(): readonly RunningJob[] {
    return this.given.map((job) => {
      const { count } = retriesOf(job);
      return { id: job.id, attempt: count === undefined ? undefined : count + 1, lockedUntil: undefined };
    });
  }

  onSettled(_failed: boolean, _error: unknown): void {
    this.ended();
  }
}

/** Known with `includeMetadata` alone. */
export function retriesOf(job: PgBossJob): { count: number | undefined; limit: number | undefined } {
  return { count: job.retryCount ?? job.retrycount, limit: job.retryLimit ?? job.retrylimit };
}
