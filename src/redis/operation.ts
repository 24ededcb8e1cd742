// One command under observation: from the call to its answer, ended once whatever happens.
import type { Context, Span } from '@opentelemetry/api';
import type { CommandTally } from '../context/command-tally.js';
import type { RedisClient, RedisCommand } from './client.js';
import type { CommandKind } from './command-kind.js';
import { type Endpoint, endpointOf } from './endpoint.js';
import { holdForRetry } from './pipelined-call.js';
import type { Transaction } from './transaction.js';

/** Told when a command has its answer: `outcome` is the reply as it came from the server, or the error. */
export interface OperationSink {
  ended(operation: Operation, milliseconds: number, failed: boolean, outcome: unknown): void;
}

export class Operation {
  readonly kind: CommandKind;
  /** Name in telemetry, with the form: `PIPELINE get`. */
  readonly name: string;
  readonly context: Context;
  readonly command: RedisCommand;
  /** Where it was going when it was called. */
  readonly endpoint: Endpoint;
  /** The client, in a cluster the node, that it was sent to last. */
  client: RedisClient;
  span: Span | undefined;
  tally: CommandTally | undefined;
  transaction: Transaction | undefined;
  /** The error with which it was rejected while ioredis may send it again. */
  held: Error | undefined;
  readonly #sink: OperationSink;
  readonly #start: number;
  #resolve: RedisCommand['resolve'] | undefined;
  #ended = false;

  constructor(
    sink: OperationSink,
    client: RedisClient,
    command: RedisCommand,
    kind: CommandKind,
    name: string,
    context: Context,
    start: number,
  ) {
    this.#sink = sink;
    this.#start = start;
    this.endpoint = endpointOf(client);
    this.client = client;
    this.command = command;
    this.kind = kind;
    this.name = name;
    this.context = context;
    this.span = undefined;
    this.tally = undefined;
    this.transaction = undefined;
    this.held = undefined;
  }

  /**
   * Wraps how the command is settled. Its promise is left alone: a handler of ours on it would hide that the app does not handle a
   * rejection. ioredis' own function goes first; what it throws is the app's to see.
   */
  watch(): void {
    const { command } = this;
    const { resolve, reject } = command;
    this.#resolve = command.resolve = (value) => {
      const result = resolve.call(command, value);
      this.end(false, value);
      return result;
    };
    command.reject = (error) => {
      const result = reject.call(command, error);
      if (!holdForRetry(this, error)) this.end(true, error);
      return result;
    };
  }

  /** ioredis gave the command a new promise, to send it again after it was settled. */
  isOver(): boolean {
    return this.#ended && this.command.resolve !== this.#resolve;
  }

  end(failed: boolean, outcome: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#sink.ended(this, performance.now() - this.#start, failed, outcome);
  }
}
