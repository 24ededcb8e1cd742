// The members of node-redis that are used, in @redis/client 1, 5 and 6 (redis 4 to 6). Types of our
// own: node-redis may be missing, or be another version.

/** A client, or a proxy of one with other command options. */
export interface NodeRedisClient {
  /** The client itself; node-redis 5 and later. */
  readonly _self?: NodeRedisClient;
  readonly options?:
    | {
        readonly socket?: SocketOptions;
        readonly database?: number;
        readonly disableOfflineQueue?: boolean;
        readonly legacyMode?: boolean;
      }
    | undefined;
  readonly isOpen: boolean;
  readonly isReady?: boolean;
  /** node-redis 5 and later. */
  readonly _executePipeline?: unknown;
}

export interface SocketOptions {
  readonly host?: string;
  readonly port?: number;
  readonly path?: string;
}

/** The socket of a client, over all its connections. */
export interface RedisSocket {
  readonly isReady: boolean;
  readonly isOpen?: boolean;
  connect(): unknown;
  emit(event: unknown, argument?: unknown, more?: unknown): boolean;
}

/** The queue of a client: every command of it passes here. */
export interface CommandsQueue {
  addCommand(words: readonly unknown[], options?: CommandOptions, bufferMode?: unknown): unknown;
}

export interface CommandOptions {
  /** Goes before all others; what sets a connection up does. */
  readonly asap?: boolean;
  /** The same for the commands of a transaction or, since node-redis 5, of a pipeline. */
  readonly chainId?: symbol;
  /** node-redis 4. */
  readonly signal?: { readonly aborted?: boolean };
  /** node-redis 5 and later. */
  readonly abortSignal?: { readonly aborted?: boolean };
}

/** A command in the queue. The queue calls what it holds then, so it can be replaced until that. */
export interface QueuedCommand {
  /** The command's name and its arguments. */
  readonly args: readonly unknown[];
  resolve: (reply?: unknown) => unknown;
  reject: (error: unknown) => unknown;
}

/** Whether an app has given a command its words: anything can be handed to `sendCommand`. */
export function isQueuedCommand(value: unknown): value is QueuedCommand {
  return (
    typeof value === 'object' &&
    value !== null &&
    'args' in value &&
    Array.isArray(value.args) &&
    'resolve' in value &&
    typeof value.resolve === 'function' &&
    'reject' in value &&
    typeof value.reject === 'function'
  );
}

export function isClient(value: unknown): value is NodeRedisClient {
  return typeof value === 'object' && value !== null && 'isOpen' in value;
}

/** The client that a proxy stands for. */
export function clientItself(client: NodeRedisClient): NodeRedisClient {
  return client._self ?? client;
}
