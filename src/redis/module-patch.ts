// Puts the observer around the methods of ioredis' prototypes: once a copy of the module, and off again.
import { context } from '@opentelemetry/api';
import { CALLER, isCommand, type RedisClient } from './client.js';
import type { CommandObserver } from './command-observer.js';

type Method = (this: RedisClient, ...args: unknown[]) => unknown;
type Prototype = Record<string, unknown>;

const ORIGINAL = Symbol.for('@sietch/otel.redis.original');

interface Wrapped extends Method {
  [ORIGINAL]: Method;
}

/** Patches `Redis`, `Cluster` and `Pipeline` of one copy of ioredis; a second call (CommonJS and ES module doors) changes nothing. */
export function patchModule(moduleExports: unknown, observer: CommandObserver): void {
  const { redis, cluster, pipeline } = prototypesOf(moduleExports);
  if (redis !== undefined) wrap(redis, 'sendCommand', (original) => observeSend(original, observer));
  if (cluster !== undefined) wrap(cluster, 'sendCommand', (original) => observeSend(original, observer));
  if (pipeline !== undefined) wrap(pipeline, 'sendCommand', keepCaller);
}

export function unpatchModule(moduleExports: unknown): void {
  const { redis, cluster, pipeline } = prototypesOf(moduleExports);
  for (const prototype of [redis, cluster, pipeline]) {
    const current = prototype?.['sendCommand'];
    if (prototype !== undefined && isWrapped(current)) prototype['sendCommand'] = current[ORIGINAL];
  }
}

function observeSend(original: Method, observer: CommandObserver): Method {
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

/** A pipelined command is sent later, by whoever calls `exec` or by auto-pipelining for many callers at once: it keeps its own caller's context. */
function keepCaller(original: Method): Method {
  return function sendCommand(this: RedisClient, command: unknown): unknown {
    if (isCommand(command)) command[CALLER] ??= context.active();
    return original.call(this, command);
  };
}

function wrap(prototype: Prototype, name: string, wrapper: (original: Method) => Method): void {
  const original = prototype[name];
  if (!isMethod(original) || isWrapped(original)) return;
  prototype[name] = Object.assign(wrapper(original), { [ORIGINAL]: original });
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
