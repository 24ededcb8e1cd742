// The members of ioredis clients and commands that are used, in versions 4 to 6. Types of our own:
// ioredis may be missing, or be another version.
import type { Context } from '@opentelemetry/api';

/** Set by us on commands and pipelines; symbols, so that nothing of the app meets them. */
export const OBSERVED = Symbol('sietch-otel.redis.observed');
export const OWN = Symbol('sietch-otel.redis.own');
export const HELD = Symbol('sietch-otel.redis.held');

export interface RedisClient {
  readonly options: {
    readonly host?: string;
    readonly port?: number;
    readonly path?: string | null;
    readonly db?: number;
    readonly connectionName?: string | null;
    readonly sentinels?: readonly unknown[] | null;
    readonly enableAutoPipelining?: boolean;
  };
  readonly status: string;
  /**
   * State of the connection: the selected database, and in version 6 whether the connection is
   * being set up.
   */
  readonly condition?: { readonly select?: number; readonly handshake?: boolean } | null;
  readonly stream?: { readonly remoteAddress?: string; readonly remotePort?: number } | null;
  /** The app has called `disconnect` or `quit`. */
  readonly manuallyClosing?: boolean;
  readonly isCluster?: boolean;
  /** Commands that were sent and have no answer. */
  readonly commandQueue?: { readonly length: number } | null;
  /** Commands that wait for a connection. */
  readonly offlineQueue?: { readonly length: number } | null;
}

export interface RedisCommand {
  readonly name: string;
  readonly args: readonly unknown[];
  readonly inTransaction?: boolean;
  readonly pipelineIndex?: number;
  resolve: (value: unknown) => unknown;
  reject: (error: unknown) => unknown;
  /**
   * The call while it waits in a pipeline, then its run, and afterwards the `resolve` it then had.
   * With another one, ioredis sends it again under a new promise.
   */
  [OBSERVED]?: PipelinedCall | CommandRun | RedisCommand['resolve'];
  /** A command of ours, which is neither traced nor recorded. */
  [OWN]?: true;
}

/** A pipeline of the app's, or one of auto-pipelining. */
export interface RedisPipeline {
  readonly options?: { readonly enableAutoPipelining?: boolean };
  readonly isCluster?: boolean;
  resolve: (value: unknown) => unknown;
  reject: (error: unknown) => unknown;
  [HELD]?: CommandRun[];
}

/** Observes a command until it has its answer. */
export interface CommandRun {
  readonly command: RedisCommand;
  /** In a cluster. */
  readonly pipeline: RedisPipeline | undefined;
  /** The error with which it was rejected while ioredis may send it again. */
  held: Error | undefined;
  watch(): void;
  end(failed: boolean, outcome: unknown): void;
}

/** The caller and the time of a pipelined command. */
export interface PipelinedCall {
  readonly context: Context;
  /**
   * The start of an auto-pipelined command, whose caller is waiting already; one in a pipeline of
   * the app's starts when it is sent.
   */
  readonly start: number | undefined;
  /** In a cluster. */
  readonly pipeline: RedisPipeline | undefined;
}

/** ioredis' own commands; anything else that is handed to `sendCommand` is left alone. */
export function isCommand(value: unknown): value is RedisCommand {
  if (typeof value !== 'object' || value === null) return false;
  // Read without asking by `in` whether they are there: commands of BullMQ's scripts have a class
  // for each script, and V8 searches each time.
  const { name, args, resolve, reject }: { readonly [member in keyof RedisCommand]?: unknown } = value;
  return typeof name === 'string' && Array.isArray(args) && typeof resolve === 'function' && typeof reject === 'function';
}

/** What a command that was put into a pipeline has until it is sent. */
export function isPipelinedCall(observed: RedisCommand[typeof OBSERVED]): observed is PipelinedCall {
  return typeof observed === 'object' && 'start' in observed;
}

export function isPipeline(value: unknown): value is RedisPipeline {
  return (
    typeof value === 'object' &&
    value !== null &&
    'resolve' in value &&
    typeof value.resolve === 'function' &&
    'reject' in value &&
    typeof value.reject === 'function'
  );
}

/** A connection by which a cluster client asks for slots or listens, not one of its nodes. */
export function isHelperOfCluster(client: RedisClient): boolean {
  return client.options.connectionName?.startsWith('ioredis-cluster(') === true;
}
