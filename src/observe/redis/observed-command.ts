// One Redis command under observation, as all clients of Redis have it.
import { type Context, type Span, trace } from '@opentelemetry/api';
import type { Caller } from '../caller.js';
import { type RunningCategory, RunningOperation } from '../running-operations.js';
import type { SpanModel } from '../span-model.js';
import type { CommandKind } from './command-kind.js';
import type { CommandTarget, Server } from './command-target.js';

export abstract class ObservedCommand extends RunningOperation {
  readonly caller: Caller;
  /** The command's name and form, and its server at the time of the call. */
  readonly target: CommandTarget;
  readonly startedAt: number;
  /** The constant parts of its span; undefined when it has none. */
  model: SpanModel | undefined = undefined;
  // Most commands have neither, and a pipeline has thousands of commands at once.
  /** Made when the command has ended, for those that need one of their own before it is sent. */
  declare span?: Span;
  declare transaction?: Transaction;

  constructor(target: CommandTarget, caller: Caller, startedAt: number) {
    super();
    this.caller = caller;
    this.target = target;
    this.startedAt = startedAt;
  }

  /** Without the command's name. */
  abstract readonly args: readonly unknown[];
  /** The server, in a cluster the node, that it was sent to last. */
  abstract readonly server: Server;

  get kind(): CommandKind {
    return this.target.kind;
  }

  /** Name in telemetry, with the form: `PIPELINE get`. */
  get name(): string {
    return this.target.name;
  }

  get category(): RunningCategory {
    return 'command';
  }

  get context(): Context {
    return this.caller.context;
  }

  get title(): string {
    return `redis ${this.name}`;
  }

  override get isExpected(): boolean {
    return this.kind.isBlocking || this.isLibrarysOwn;
  }

  /**
   * Clients and BullMQ look after their connections by it, or it is part of the loop of a worker.
   */
  get isLibrarysOwn(): boolean {
    const { caller, kind } = this;
    return kind.isUpkeep || (caller.tally !== undefined && trace.getSpanContext(caller.context) === undefined);
  }
}

/** The commands between MULTI and EXEC on one connection. */
export interface Transaction {
  /** In the order of EXEC's reply; the first thousand. */
  readonly commands: ObservedCommand[];
}
