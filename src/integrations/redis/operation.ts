// One command under observation: from the call to its answer, ended once whatever happens.
import type { Caller } from '../../observe/caller.js';
import type { CommandTarget, Server } from '../../observe/redis/command-target.js';
import { ObservedCommand } from '../../observe/redis/observed-command.js';
import { type CommandRun, OPERATION, type RedisClient, type RedisCommand } from './client.js';
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
  /** The client, in a cluster the node, that it was sent to last. */
  client: RedisClient;
  held: Error | undefined = undefined;
  readonly #sink: OperationSink;
  /** ioredis' own, and what stands in their place. */
  #resolve: RedisCommand['resolve'] | undefined;
  #reject: RedisCommand['reject'] | undefined;
  #watchedResolve: RedisCommand['resolve'] | undefined;
  #watchedReject: RedisCommand['reject'] | undefined;
  #ended = false;

  constructor(sink: OperationSink, client: RedisClient, command: RedisCommand, target: CommandTarget, caller: Caller, start: number) {
    super(target, caller, start);
    this.command = command;
    this.client = client;
    this.#sink = sink;
  }

  get args(): readonly unknown[] {
    return this.command.args;
  }

  get server(): Server {
    return endpointOf(this.client);
  }

  /**
   * Wraps how the command is settled. Its promise is left alone: a handler of ours on it would hide
   * that the app does not handle a rejection. ioredis' own function goes first; what it throws is
   * the app's to see.
   */
  watch(): void {
    const { command } = this;
    this.#resolve = command.resolve;
    this.#reject = command.reject;
    command.resolve = this.#watchedResolve = (value) => {
      const result = this.#resolve?.call(command, value);
      this.end(false, value);
      return result;
    };
    command.reject = this.#watchedReject = (error) => {
      const result = this.#reject?.call(command, error);
      if (!holdForRetry(this, error)) this.end(true, error);
      return result;
    };
    command[OPERATION] = this;
  }

  end(failed: boolean, outcome: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#release();
    this.#sink.ended(this, performance.now() - this.startedAt, failed, outcome);
  }

  /**
   * An app that keeps the command does not keep what we knew of it. What is left marks it as
   * observed, under the promise it has.
   */
  #release(): void {
    const { command } = this;
    if (command.resolve === this.#watchedResolve && this.#resolve !== undefined) command.resolve = this.#resolve;
    if (command.reject === this.#watchedReject && this.#reject !== undefined) command.reject = this.#reject;
    command[OPERATION] = command.resolve;
  }
}
