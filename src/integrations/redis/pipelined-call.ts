// The caller and the time of a pipelined command: ioredis sends it later, in the context of `exec`,
// or by auto-pipelining for many callers at once; and in a cluster, whole pipelines again.
import { activeContext } from '../../context/context-manager.js';
import { setHidden } from '../../observe/hidden-property.js';
import { type CommandRun, HELD, isPipelinedCall, OBSERVED, type PipelinedCall, type RedisCommand, type RedisPipeline } from './client.js';

/** Replies after which ioredis may send a whole cluster pipeline again. */
const RETRIED = /^(?:MOVED|ASK|TRYAGAIN|CLUSTERDOWN|EXECABORT)\b|^Connection is closed/;

/** Called when a command is put into a pipeline: by the app, or by ioredis for another try. */
export function noteCall(pipeline: RedisPipeline, command: RedisCommand): void {
  const observed = command[OBSERVED];
  if (observed === undefined) command[OBSERVED] = callNow(pipeline);
  // What has ended is not taken for another command under the new promise it was given.
  else if (typeof observed === 'function') command[OBSERVED] = command.resolve;
  else if (!isPipelinedCall(observed)) resume(pipeline, observed);
}

/** The same object for the calls that follow one another in a context. */
function callNow(pipeline: RedisPipeline): PipelinedCall {
  const active = activeContext();
  const isCluster = pipeline.isCluster === true;
  if (isCluster || isAutoPipeline(pipeline)) {
    return { context: active, start: isAutoPipeline(pipeline) ? performance.now() : undefined, pipeline: isCluster ? pipeline : undefined };
  }
  if (lastCall?.context !== active) lastCall = { context: active, start: undefined, pipeline: undefined };
  return lastCall;
}

let lastCall: PipelinedCall | undefined;

/**
 * Keeps a command of a cluster pipeline open over an error that ioredis may yet mend; it ends with
 * the pipeline at the latest.
 */
export function holdForRetry(operation: CommandRun, error: unknown): boolean {
  const { pipeline } = operation;
  if (pipeline === undefined || !(error instanceof Error) || !RETRIED.test(error.message)) return false;
  const held = pipeline[HELD] ?? holdIn(pipeline);
  operation.held = error;
  held.push(operation);
  return true;
}

function holdIn(pipeline: RedisPipeline): CommandRun[] {
  const held: CommandRun[] = [];
  setHidden(pipeline, HELD, held);
  const { resolve, reject } = pipeline;
  const endHeld = () => {
    for (const operation of held.splice(0)) if (operation.held !== undefined) operation.end(true, operation.held);
  };
  pipeline.resolve = (value) => {
    endHeld();
    return resolve.call(pipeline, value);
  };
  pipeline.reject = (error) => {
    endHeld();
    return reject.call(pipeline, error);
  };
  return held;
}

/** The command is still open, and has a new promise. */
function resume(pipeline: RedisPipeline, operation: CommandRun): void {
  operation.held = undefined;
  operation.watch();
  const held = pipeline[HELD];
  const index = held?.indexOf(operation) ?? -1;
  if (index !== -1) held?.splice(index, 1);
}

/** Auto-pipelining marks its pipelines with symbols of its own. */
function isAutoPipeline(pipeline: RedisPipeline): boolean {
  return pipeline.options?.enableAutoPipelining === true && Object.getOwnPropertySymbols(pipeline).some((symbol) => symbol !== HELD);
}
