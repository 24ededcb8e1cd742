// One command under observation: from the call to its answer, ended once whatever happens.
import type { Context, Span } from '@opentelemetry/api';
import type { CommandTally } from '../context/command-tally.js';
import type { RedisClient, RedisCommand } from './client.js';
import type { CommandKind } from './command-kind.js';

/** Told when a command has its answer. */
export interface OperationSink {
  ended(operation: Operation, milliseconds: number, failed: boolean, error: unknown): void;
}

export class Operation {
  readonly kind: CommandKind;
  /** Name in telemetry, with the form. */
  readonly name: string;
  readonly context: Context;
  readonly span: Span | undefined;
  readonly tally: CommandTally | undefined;
  /** The client, in a cluster the node, that it was sent to last. */
  client: RedisClient;
  command: RedisCommand;
  readonly #start = performance.now();
  readonly #sink: OperationSink;
  #resolve: RedisCommand['resolve'] | undefined;
  #ended = false;

  constructor(
    sink: OperationSink,
    client: RedisClient,
    command: RedisCommand,
    kind: CommandKind,
    name: string,
    context: Context,
    span: Span | undefined,
    tally: CommandTally | undefined,
  ) {
    this.#sink = sink;
    this.client = client;
    this.command = command;
    this.kind = kind;
    this.name = name;
    this.context = context;
    this.span = span;
    this.tally = tally;
  }

  /**
   * Wraps how the command is settled: its promise is left alone, since a handler of ours on it would hide from the app that it does not
   * handle a rejection.
   */
  watch(command: RedisCommand): void {
    const { resolve, reject } = command;
    this.#resolve = command.resolve = (value) => {
      const result = resolve.call(command, value);
      this.end(false, undefined);
      return result;
    };
    command.reject = (error) => {
      const result = reject.call(command, error);
      this.end(true, error);
      return result;
    };
  }

  /** ioredis gave the command a new promise, to send it again after it was settled. */
  isOver(command: RedisCommand): boolean {
    return this.#ended && command.resolve !== this.#resolve;
  }

  end(failed: boolean, error: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#sink.ended(this, performance.now() - this.#start, failed, error);
  }
}
