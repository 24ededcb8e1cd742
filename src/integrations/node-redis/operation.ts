// One command of node-redis under observation: from the call to its answer, ended once whatever
// happens.
import type { Caller } from '../../observe/caller.js';
import type { CommandTarget, Server } from '../../observe/redis/command-target.js';
import { ObservedCommand } from '../../observe/redis/observed-command.js';
import type { QueuedCommand } from './client.js';
import type { Connection } from './connection.js';
import { holdForRetry } from './redirection.js';

/** Called when a command has its answer. */
export interface OperationSink {
  ended(operation: Operation, milliseconds: number, failed: boolean, outcome: unknown): void;
}

export class Operation extends ObservedCommand {
  /** The connection, in a cluster the node's, that it was sent on last. */
  connection: Connection;
  readonly #sink: OperationSink;
  readonly #words: readonly unknown[];
  #ended = false;

  /** @param words the command's name and its arguments */
  constructor(sink: OperationSink, connection: Connection, words: readonly unknown[], target: CommandTarget, caller: Caller) {
    super(target, caller, performance.now());
    this.connection = connection;
    this.#sink = sink;
    this.#words = words;
  }

  get args(): readonly unknown[] {
    return this.#words.slice(1);
  }

  get server(): Server {
    return this.connection.endpoint;
  }

  /**
   * Wraps how the queue settles the command. Its promise is left alone: a handler of ours on it
   * would hide that the app does not handle a rejection. node-redis' own function goes first.
   */
  watch(queued: QueuedCommand): void {
    const { resolve, reject } = queued;
    queued.resolve = (reply) => {
      resolve.call(queued, reply);
      this.end(false, reply);
    };
    queued.reject = (error) => {
      reject.call(queued, error);
      const endedAt = performance.now();
      const waits = !this.#ended && holdForRetry(this.#clusterClient(), this.#words, error, new Held(this, error, endedAt));
      if (!waits) this.end(true, error, endedAt);
    };
  }

  /** @param endedAt a reading of `performance.now()` */
  end(failed: boolean, outcome: unknown, endedAt: number = performance.now()): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#sink.ended(this, endedAt - this.startedAt, failed, outcome);
    if (!failed && this.kind.name === 'select') this.connection.select(Number(this.#words[1]));
  }

  /** Undefined where the command is not sent again: pipelines are not, since node-redis 5. */
  #clusterClient(): Connection['client'] {
    const { client } = this.connection;
    return client?._executePipeline !== undefined && this.name.startsWith('PIPELINE ') ? undefined : client;
  }
}

/** A command that a cluster client may send again. */
export class Held {
  readonly operation: Operation;
  readonly #error: unknown;
  readonly #endedAt: number;

  constructor(operation: Operation, error: unknown, endedAt: number) {
    this.operation = operation;
    this.#error = error;
    this.#endedAt = endedAt;
  }

  giveUp(): void {
    this.operation.end(true, this.#error, this.#endedAt);
  }
}
