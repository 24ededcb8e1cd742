// Two numbers in place of many spans: who runs a library that talks much to Redis (BullMQ) puts a tally into the context, and the redis
// integration adds each command of that context to it and makes no span for it.
import { type Context, createContextKey } from '@opentelemetry/api';

/** What the Redis commands of one context came to. Grows while the context is in use; read it when the work is done. */
export interface CommandTally {
  /** Commands handed to the client, those still unanswered too. */
  calls: number;
  /** Milliseconds from call to answer, added up over the answered commands: commands in parallel count side by side. */
  timeMs: number;
}

const KEY = createContextKey('sietch-otel.command-tally');

/** A child of `context` whose Redis commands are counted in `tally` and make no spans. Duration metrics are recorded as ever. */
export function withCommandTally(context: Context): { context: Context; tally: CommandTally } {
  const tally: CommandTally = { calls: 0, timeMs: 0 };
  return { context: context.setValue(KEY, tally), tally };
}

/** `context` without a tally: for the app's own code that runs inside the tallied work (a processor of a job). */
export function withoutCommandTally(context: Context): Context {
  return tallyOf(context) === undefined ? context : context.deleteValue(KEY);
}

/** The tally of `context`, where there is one. */
export function tallyOf(context: Context): CommandTally | undefined {
  const value: unknown = context.getValue(KEY);
  return isTally(value) ? value : undefined;
}

function isTally(value: unknown): value is CommandTally {
  return typeof value === 'object' && value !== null && 'calls' in value && 'timeMs' in value;
}
