// Replaces the methods of ioredis' prototypes by observed ones.
import { context } from '@opentelemetry/api';
import { checkMembers } from '../../observe/library-members.js';
import type { MethodPatches } from '../../observe/method-patches.js';
import { isCommand, isPipeline, type RedisClient } from './client.js';
import type { CommandObserver } from './command-observer.js';
import { type ConnectionObserver, outsideTraces } from './connection-observer.js';
import { noteCall } from './pipelined-call.js';

/**
 * The members of ioredis that are replaced. `module.exports` is the class `Redis` with the others
 * on it; an ES module has it as `default`.
 */
export interface IoRedisModule extends IoRedisClass {
  readonly default?: IoRedisClass;
  readonly Pipeline?: { readonly prototype: PipelinePrototype };
}

interface IoRedisClass {
  readonly prototype?: RedisPrototype;
  readonly Cluster?: { readonly prototype: RedisPrototype };
  readonly Pipeline?: { readonly prototype: PipelinePrototype };
}

interface RedisPrototype {
  sendCommand(this: RedisClient, command: unknown, stream?: unknown, node?: unknown): unknown;
  connect(this: RedisClient, callback?: unknown): unknown;
  setStatus(this: RedisClient, status: unknown, argument?: unknown): unknown;
  silentEmit(this: RedisClient, ...args: unknown[]): unknown;
}

interface PipelinePrototype {
  sendCommand(this: unknown, command: unknown): unknown;
}

const MEMBERS = [
  ...['sendCommand', 'connect', 'setStatus', 'silentEmit'].map((name) => `prototype.${name}`),
  ...['Cluster.prototype.sendCommand', 'Cluster.prototype.connect', 'Pipeline.prototype.sendCommand'],
];

export interface Observers {
  readonly patches: MethodPatches;
  readonly commands: CommandObserver;
  readonly connections: ConnectionObserver;
}

/** Patches `Redis`, `Cluster` and `Pipeline` of one copy of ioredis. */
export function patchModule(
  moduleExports: IoRedisModule,
  version: string | undefined,
  { patches, commands, connections }: Observers,
): void {
  const Redis = moduleExports.default ?? moduleExports;
  checkMembers('ioredis', version, Redis, MEMBERS);
  const Pipeline = Redis.Pipeline ?? moduleExports.Pipeline;
  patches.replace(Redis.prototype, 'sendCommand', (original) => observeSend(original, commands, patches));
  patches.replace(Redis.prototype, 'connect', (original) => observeConnect(original, connections, patches));
  patches.replace(Redis.prototype, 'setStatus', (original) => observeStatus(original, connections, patches));
  patches.replace(Redis.prototype, 'silentEmit', (original) => observeErrors(original, connections, patches));
  patches.replace(Redis.Cluster?.prototype, 'sendCommand', (original) => observeSend(original, commands, patches));
  patches.replace(Redis.Cluster?.prototype, 'connect', (original) => observeConnect(original, undefined, patches));
  patches.replace(Pipeline?.prototype, 'sendCommand', observeCall);
}

function observeSend(
  original: RedisPrototype['sendCommand'],
  observer: CommandObserver,
  patches: MethodPatches,
): RedisPrototype['sendCommand'] {
  // ioredis' methods take at most these three; named, they cost less than a rest array on each
  // command.
  return function sendCommand(this: RedisClient, command: unknown, stream: unknown, node: unknown): unknown {
    const operation = patches.isOn && isCommand(command) ? observer.begin(this, command) : undefined;
    if (operation === undefined) return original.call(this, command, stream, node);
    try {
      return original.call(this, command, stream, node);
    } catch (error) {
      operation.end(true, error);
      throw error;
    }
  };
}

function observeCall(original: PipelinePrototype['sendCommand']): PipelinePrototype['sendCommand'] {
  return function sendCommand(this: unknown, command: unknown): unknown {
    if (isCommand(command) && isPipeline(this)) noteCall(this, command);
    return original.call(this, command);
  };
}

/** The callback keeps its caller's context; the connection does not get it. */
function observeConnect(
  original: RedisPrototype['connect'],
  connections: ConnectionObserver | undefined,
  patches: MethodPatches,
): RedisPrototype['connect'] {
  return function connect(this: RedisClient, callback: unknown): unknown {
    if (!patches.isOn) return original.call(this, callback);
    connections?.connecting(this);
    const bound = typeof callback === 'function' ? context.bind(context.active(), callback) : callback;
    return outsideTraces(() => original.call(this, bound));
  };
}

function observeStatus(
  original: RedisPrototype['setStatus'],
  connections: ConnectionObserver,
  patches: MethodPatches,
): RedisPrototype['setStatus'] {
  return function setStatus(this: RedisClient, status: unknown, argument: unknown): unknown {
    const result = original.call(this, status, argument);
    if (patches.isOn) connections.statusChanged(this, String(status));
    return result;
  };
}

function observeErrors(
  original: RedisPrototype['silentEmit'],
  connections: ConnectionObserver,
  patches: MethodPatches,
): RedisPrototype['silentEmit'] {
  return function silentEmit(this: RedisClient, ...args: unknown[]): unknown {
    if (args[0] === 'error' && patches.isOn) connections.failed(this, args[1]);
    return original.apply(this, args);
  };
}
