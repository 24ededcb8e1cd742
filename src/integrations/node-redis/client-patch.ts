// Sees the commands that a client refuses before its queue has them: it is closed, or offline
// without an offline queue. Everything else is seen in the queue.
import type { AnyMethod, MethodPatches } from '../../observe/method-patches.js';
import { clientItself, isClient, type NodeRedisClient } from './client.js';
import type { CommandObserver, Refusal } from './command-observer.js';
import { connectionOfClient } from './connection.js';

export interface ClientPrototype {
  sendCommand(this: NodeRedisClient, words: unknown, options?: unknown, bufferMode?: unknown): unknown;
  /** node-redis 4: gets what commands of modules are made of. */
  commandsExecutor?(this: NodeRedisClient, command: unknown, args: unknown): unknown;
}

/** The module `commander` of node-redis 4, which gives a class its commands. */
export interface CommanderModule {
  /** Only in @node-redis/client 1.0. */
  extendWithCommands?(config: CommandsConfig): unknown;
  attachCommands?(config: CommandsConfig): unknown;
  transformCommandArguments?(command: unknown, args: unknown): { readonly args?: unknown };
}

interface CommandsConfig {
  readonly BaseClass?: { readonly prototype?: object };
  readonly executor?: AnyMethod;
}

export function patchClient(patches: MethodPatches, prototype: ClientPrototype | undefined, observer: CommandObserver): void {
  patches.replace(
    prototype,
    'sendCommand',
    (original) =>
      function sendCommand(this: NodeRedisClient, words, options, bufferMode) {
        if (patches.isOn) noteRefused(observer, this, () => words);
        return original.call(this, words, options, bufferMode);
      },
  );
}

/**
 * Must be called before the class has its commands: they hold their executor. Those of modules look
 * it up later.
 */
export function patchCommander(patches: MethodPatches, commander: CommanderModule, observer: CommandObserver): void {
  for (const name of ['attachCommands', 'extendWithCommands'] as const) {
    patches.replace(
      commander,
      name,
      (original) =>
        function attach(config: CommandsConfig): unknown {
          const { BaseClass, executor } = config;
          // Those of a cluster go to `sendCommand` of a node, those of a transaction wait in it.
          if (executor === undefined || BaseClass?.prototype === undefined || !('executeIsolated' in BaseClass.prototype)) {
            return original(config);
          }
          return original({ ...config, executor: observeExecutor(patches, executor, commander, observer) });
        },
    );
  }
}

function observeExecutor(patches: MethodPatches, executor: AnyMethod, commander: CommanderModule, observer: CommandObserver): AnyMethod {
  return function execute(this: unknown, command, args, name) {
    if (patches.isOn && isClient(this)) noteRefused(observer, this, () => commander.transformCommandArguments?.(command, args).args);
    return executor.call(this, command, args, name);
  };
}

function noteRefused(observer: CommandObserver, client: NodeRedisClient, words: () => unknown): void {
  const reason = refusalOf(clientItself(client));
  if (reason === undefined) return;
  try {
    const given = words();
    if (Array.isArray(given)) observer.refused(connectionOfClient(clientItself(client)), given, reason);
  } catch {
    // Arguments that the command does not take: the app is about to get that error.
  }
}

/** By the same questions that the client asks itself. */
function refusalOf(client: NodeRedisClient): Refusal | undefined {
  if (!client.isOpen) return 'closed';
  return client.isReady === false && client.options?.disableOfflineQueue === true ? 'offline' : undefined;
}
