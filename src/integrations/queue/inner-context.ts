// The context that BullMQ's own commands run in: no spans for them, Redis commands counted. The
// app's code that BullMQ calls back (processors, event listeners) is put back into the context it
// belongs to.
import { type Context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api';
import { ChildContext } from '../../context/child-context.js';
import { appContextOf, TalliedContext } from '../../context/command-tally.js';
import { activeContext, runInContext } from '../../context/context-manager.js';

export { appContextOf } from '../../context/command-tally.js';

/**
 * Holds, in an app's context, the inner one of the job it is part of: what the processor asks of
 * its job is counted there.
 */
const JOB_CONTEXT = createContextKey('sietch-otel.queue.job-context');

/** `appContext` for a processor that runs inside `jobContext`. */
export function insideJob(appContext: Context, jobContext: Context): Context {
  return new ChildContext(appContext, JOB_CONTEXT, jobContext);
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
  const jobContext = active.getValue(JOB_CONTEXT) as Context | undefined;
  return runInContext(jobContext ?? new TalliedContext(active), run, ...args);
}
