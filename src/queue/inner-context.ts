// The context that BullMQ's own commands run in: no spans for them, Redis commands counted. The app's code that BullMQ calls back (processors,
// event listeners) is put back into the context it belongs to.
import { type Context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { type CommandTally, withCommandTally } from '../context/command-tally.js';
import { activeContext, runInContext } from '../context/context-manager.js';
import { ChildContext } from './child-context.js';

/** Holds the app's context while BullMQ is at work. */
const APP_CONTEXT = createContextKey('sietch-otel.queue.app-context');
/** Holds, in an app's context, the inner one of the job it is part of: what the processor asks of its job is counted there. */
const JOB_CONTEXT = createContextKey('sietch-otel.queue.job-context');

/** For work that belongs to no job: loops, lock renewal, housekeeping. */
export function innerContext(appContext: Context): Context {
  return suppressTracing(new ChildContext(appContext, APP_CONTEXT, appContext));
}

/** For the work of one job's span: its Redis commands are counted. */
export function talliedContext(appContext: Context): { context: Context; tally: CommandTally } {
  return withCommandTally(innerContext(appContext));
}

/** The app's context where BullMQ is at work, else undefined. */
export function appContextOf(active: Context): Context | undefined {
  // The keys are private to this file: nothing else can be stored under them.
  return active.getValue(APP_CONTEXT) as Context | undefined;
}

/** `appContext` for a processor that runs inside `jobContext`. */
export function insideJob(appContext: Context, jobContext: Context): Context {
  return new ChildContext(appContext, JOB_CONTEXT, jobContext);
}

/** Worker loops belong to no trace, wherever the worker was made. */
export const LOOP_CONTEXT = innerContext(ROOT_CONTEXT);

/** Whether BullMQ is at work in the active context. */
export function isInner(): boolean {
  return activeContext().getValue(APP_CONTEXT) !== undefined;
}

/** Runs a call into BullMQ's storage without spans. */
export function asInner<Result>(run: () => Result): Result {
  const active = activeContext();
  if (appContextOf(active) !== undefined) return run();
  const jobContext = active.getValue(JOB_CONTEXT) as Context | undefined;
  return runInContext(jobContext ?? innerContext(active), run);
}
