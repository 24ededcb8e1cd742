// One Redis command under observation, as all clients of Redis have it.
import type { Span } from '@opentelemetry/api';
import type { Caller } from '../caller.js';
import type { SpanModel } from '../span-model.js';
import type { CommandKind } from './command-kind.js';
import type { CommandTarget, Server } from './command-target.js';

export interface ObservedCommand {
  readonly caller: Caller;
  readonly kind: CommandKind;
  /** Name in telemetry, with the form: `PIPELINE get`. */
  readonly name: string;
  /** Without the command's name. */
  readonly args: readonly unknown[];
  /** The command's name and form, and its server at the time of the call. */
  readonly target: CommandTarget;
  /** The server, in a cluster the node, that it was sent to last. */
  readonly server: Server;
  /** A reading of `performance.now()`. */
  readonly startedAt: number;
  /** The constant parts of its span; undefined when it has none. */
  model: SpanModel | undefined;
  /** In milliseconds of the epoch, of what has a span. */
  startMs: number;
  /** Made when the command has ended, for those that need one of their own before it is sent. */
  span: Span | undefined;
  transaction: Transaction | undefined;
}

/** The commands between MULTI and EXEC on one connection. */
export interface Transaction {
  /** In the order of EXEC's reply; the first thousand. */
  readonly commands: ObservedCommand[];
}
