// The context that BullMQ's own commands run in: no spans for them, Redis commands counted. The
// app's code that BullMQ calls back (processors, event listeners) is put back into the context it
// belongs to.
import { type Context, ROOT_CONTEXT } from '@opentelemetry/api';
import { ChildContext } from '../../context/child-context.js';
import { appContextOf, TalliedContext } from '../../context/command-tally.js';
import { activeContext, runInContext } from '../../context/context-manager.js';
import { JOB } from '../../observe/open-calls.js';
import { JobRun } from './job-run.js';

export { appContextOf } from '../../context/command-tally.js';

/**
 * `appContext` for the processor of a job: what it asks of its job is counted in the job's inner
 * context.
 */
export function insideJob(appContext: Context, run: JobRun): Context {
  return new ChildContext(appContext, JOB, run);
}

/** Worker loops belong to no trace, wherever the worker was made. */
export const LOOP_CONTEXT: Context = new TalliedContext(ROOT_CONTEXT);

/** Whether BullMQ is at work in the active context. */
export function isInner(): boolean {
  return appContextOf(activeContext()) !== undefined;
}

/** Runs a call into BullMQ's storage without spans. */
export function asInner<Args extends unknown[], Result>(run: (...args: Args) => Result, ...args: Args): Result {
  const active = activeContext();
  if (appContextOf(active) !== undefined) return run(...args);
  const job = active.getValue(JOB);
  const jobContext = job instanceof JobRun ? job.innerContext : undefined;
  return runInContext(jobContext ?? new TalliedContext(active), run, ...args);
}
