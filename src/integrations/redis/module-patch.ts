// Puts the observer around the methods of ioredis' prototypes: once a copy of the module, and off again.
import { context } from '@opentelemetry/api';
import { preserveSignature } from '../../observe/preserve-signature.js';
import { isCommand, isPipeline, type RedisClient } from './client.js';
import type { CommandObserver } from './command-observer.js';
import { type ConnectionObserver, outsideTraces } from './connection-observer.js';
import { noteCall } from './pipelined-call.js';

/** A method as it is found, callable on anything. */
type Method = (this: unknown, ...args: unknown[]) => unknown;
/** What takes its place; ioredis calls it on its own objects only. */
type Replacement = (this: never, ...args: never[]) => unknown;
type Prototype = Record<string, unknown>;

const ORIGINAL = Symbol.for('@sietch/otel.redis.original');

interface Wrapped {
  readonly [ORIGINAL]: Method;
}

export interface Observers {
  readonly commands: CommandObserver;
  readonly connections: ConnectionObserver;
}

/** Patches `Redis`, `Cluster` and `Pipeline` of one copy of ioredis; a second call (CommonJS and ES module doors) changes nothing. */
export function patchModule(moduleExports: unknown, { commands, connections }: Observers): void {
  const { redis, cluster, pipeline } = prototypesOf(moduleExports);
  if (redis !== undefined) {
    wrap(redis, 'sendCommand', (original) => observeSend(original, commands));
    wrap(redis, 'connect', (original) => observeConnect(original, connections));
    wrap(redis, 'setStatus', (original) => observeStatus(original, connections));
    wrap(redis, 'silentEmit', (original) => observeErrors(original, connections));
  }
  if (cluster !== undefined) {
    wrap(cluster, 'sendCommand', (original) => observeSend(original, commands));
    wrap(cluster, 'connect', (original) => observeConnect(original, undefined));
  }
  if (pipeline !== undefined) wrap(pipeline, 'sendCommand', observeCall);
}

export function unpatchModule(moduleExports: unknown): void {
  for (const prototype of Object.values(prototypesOf(moduleExports))) {
    for (const name of ['sendCommand', 'connect', 'setStatus', 'silentEmit']) {
      const current = prototype[name];
      if (isWrapped(current)) prototype[name] = current[ORIGINAL];
    }
  }
}

function observeSend(original: Method, observer: CommandObserver): Replacement {
  // ioredis' methods take at most these three; named, they cost less than a rest array on each command.
  return function sendCommand(this: RedisClient, command: unknown, stream: unknown, node: unknown): unknown {
    const operation = isCommand(command) ? observer.begin(this, command) : undefined;
    if (operation === undefined) return original.call(this, command, stream, node);
    try {
      return original.call(this, command, stream, node);
    } catch (error) {
      operation.end(true, error);
      throw error;
    }
  };
}

function observeCall(original: Method): Replacement {
  return function sendCommand(this: unknown, command: unknown): unknown {
    if (isCommand(command) && isPipeline(this)) noteCall(this, command);
    return original.call(this, command);
  };
}

/** The callback keeps its caller's context; the connection does not get it. */
function observeConnect(original: Method, connections: ConnectionObserver | undefined): Replacement {
  return function connect(this: RedisClient, callback: unknown): unknown {
    connections?.connecting(this);
    const bound = typeof callback === 'function' ? context.bind(context.active(), callback) : callback;
    return outsideTraces(() => original.call(this, bound));
  };
}

function observeStatus(original: Method, connections: ConnectionObserver): Replacement {
  return function setStatus(this: RedisClient, status: unknown, argument: unknown): unknown {
    const result = original.call(this, status, argument);
    connections.statusChanged(this, String(status));
    return result;
  };
}

function observeErrors(original: Method, connections: ConnectionObserver): Replacement {
  return function silentEmit(this: RedisClient, ...args: unknown[]): unknown {
    if (args[0] === 'error') connections.failed(this, args[1]);
    return original.apply(this, args);
  };
}

function wrap(prototype: Prototype, name: string, wrapper: (original: Method) => Replacement): void {
  const original = prototype[name];
  if (!isMethod(original) || isWrapped(original)) return;
  prototype[name] = Object.defineProperty(preserveSignature(wrapper(original), original), ORIGINAL, { value: original });
}

function isMethod(value: unknown): value is Method {
  return typeof value === 'function';
}

function isWrapped(value: unknown): value is Wrapped {
  return typeof value === 'function' && ORIGINAL in value;
}

/** `module.exports` of ioredis is the class `Redis` with the others on it; an ES module has it as `default`. */
function prototypesOf(moduleExports: unknown): { redis?: Prototype; cluster?: Prototype; pipeline?: Prototype } {
  const redisClass = memberOf(moduleExports, 'default') ?? moduleExports;
  const redis = prototypeOf(redisClass);
  const cluster = prototypeOf(memberOf(redisClass, 'Cluster'));
  const pipeline = prototypeOf(memberOf(redisClass, 'Pipeline') ?? memberOf(moduleExports, 'Pipeline'));
  return { ...(redis && { redis }), ...(cluster && { cluster }), ...(pipeline && { pipeline }) };
}

function memberOf(value: unknown, name: string): unknown {
  return (typeof value === 'object' || typeof value === 'function') && value !== null ? Reflect.get(value, name) : undefined;
}

function prototypeOf(value: unknown): Prototype | undefined {
  if (typeof value !== 'function') return undefined;
  const prototype: unknown = value.prototype;
  return isRecord(prototype) ? prototype : undefined;
}

function isRecord(value: unknown): value is Prototype {
  return typeof value === 'object' && value !== null;
}
