// One command under observation: from the call to its answer, ended once whatever happens.
import type { Caller } from '../../observe/caller.js';
import type { CommandTarget, Server } from '../../observe/redis/command-target.js';
import { ObservedCommand } from '../../observe/redis/observed-command.js';
import { type CommandRun, OBSERVED, type RedisClient, type RedisCommand, type RedisPipeline } from './client.js';
import { endpointOf } from './endpoint.js';
import { holdForRetry } from './pipelined-call.js';

/**
 * Called when a command has its answer: `outcome` is the reply as it came from the server, or the
 * error.
 */
export interface OperationSink {
  ended(operation: Operation, milliseconds: number, failed: boolean, outcome: unknown): void;
}

export class Operation extends ObservedCommand implements CommandRun {
  readonly command: RedisCommand;
  readonly pipeline: RedisPipeline | undefined;
  /** The client, in a cluster the node, that it was sent to last. */
  client: RedisClient;
  held: Error | undefined = undefined;
  /** Undefined once it has ended. */
  #sink: OperationSink | undefined;
  /** ioredis' own. */
  #resolve: RedisCommand['resolve'];
  #reject: RedisCommand['reject'];

  constructor(
    sink: OperationSink,
    client: RedisClient,
    command: RedisCommand,
    pipeline: RedisPipeline | undefined,
    target: CommandTarget,
    caller: Caller,
    start: number,
  ) {
    super(target, caller, start);
    this.command = command;
    this.pipeline = pipeline;
    this.client = client;
    this.#sink = sink;
    this.#resolve = command.resolve;
    this.#reject = command.reject;
  }

  get args(): readonly unknown[] {
    return this.command.args;
  }

  get server(): Server {
    return endpointOf(this.client);
  }

  /**
   * Wraps how the command is settled. Its promise is left alone: a handler of ours on it would hide
   * that the app does not handle a rejection. Bound functions, which are half as large as closures:
   * a pipeline has thousands of them at once.
   */
  watch(): void {
    const { command } = this;
    this.#resolve = command.resolve;
    this.#reject = command.reject;
    command.resolve = this.#resolved.bind(this);
    command.reject = this.#rejected.bind(this);
    command[OBSERVED] = this;
  }

  /** ioredis' own function goes first; what it throws is the app's to see. */
  #resolved(value: unknown): unknown {
    const result = this.#resolve.call(this.command, value);
    this.end(false, value);
    return result;
  }

  #rejected(error: unknown): unknown {
    const result = this.#reject.call(this.command, error);
    if (!holdForRetry(this, error)) this.end(true, error);
    return result;
  }

  end(failed: boolean, outcome: unknown): void {
    const sink = this.#sink;
    if (sink === undefined) return;
    this.#sink = undefined;
    this.#release();
    sink.ended(this, performance.now() - this.startedAt, failed, outcome);
  }

  /**
   * An app that keeps the command does not keep what we knew of it. What is left marks it as
   * observed, under the promise it has.
   */
  #release(): void {
    const { command } = this;
    command.resolve = this.#resolve;
    command.reject = this.#reject;
    command[OBSERVED] = command.resolve;
  }
}
