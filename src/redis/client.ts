// What we use of an ioredis client and of its commands, in versions 4 to 6. Types of our own: ioredis may be missing, or be another version.
import type { Context } from '@opentelemetry/api';
import type { Endpoint } from './endpoint.js';
import type { Operation } from './operation.js';

/** Set by us on commands and clients; symbols, so that nothing of the app meets them. */
export const OPERATION = Symbol('sietch-otel.redis.operation');
export const CALLER = Symbol('sietch-otel.redis.caller');
export const ENDPOINT = Symbol('sietch-otel.redis.endpoint');

export interface RedisClient {
  readonly options: {
    readonly host?: string;
    readonly port?: number;
    readonly path?: string | null;
    readonly db?: number;
    readonly connectionName?: string | null;
    readonly sentinels?: readonly unknown[] | null;
    readonly keyPrefix?: unknown;
  };
  readonly status: string;
  /** State of the connection: the selected database, and in version 6 whether the connection is being set up. */
  readonly condition?: { readonly select?: number; readonly handshake?: boolean } | null;
  readonly stream?: { readonly remoteAddress?: string; readonly remotePort?: number } | null;
  readonly isCluster?: boolean;
  [ENDPOINT]?: Endpoint;
}

export type CommandArgument = string | Buffer | number;

export interface RedisCommand {
  readonly name: string;
  readonly args: readonly unknown[];
  readonly inTransaction?: boolean;
  readonly pipelineIndex?: number;
  resolve: (value: unknown) => unknown;
  reject: (error: unknown) => unknown;
  [OPERATION]?: Operation;
  /** The context in which a pipelined command was called. */
  [CALLER]?: Context;
}

/** ioredis' own commands; anything else that is handed to `sendCommand` is left alone. */
export function isCommand(value: unknown): value is RedisCommand {
  return (
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    typeof value.name === 'string' &&
    'args' in value &&
    Array.isArray(value.args) &&
    'resolve' in value &&
    typeof value.resolve === 'function' &&
    'reject' in value &&
    typeof value.reject === 'function'
  );
}
