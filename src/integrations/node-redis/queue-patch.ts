// Sees each command as it gets into the queue of a client: the one place that all commands of all
// clients pass, in every version. (Upstream's instrumentation patches seven places from outside;
// its handler on the promise of `sendCommand` hides rejections that the app does not handle.)
// The list of a queue is private, so its class is patched, and told which queue adds to it.
import type { AnyMethod, MethodPatches } from '../../observe/method-patches.js';
import { type CommandOptions, type CommandsQueue, isQueuedCommand } from './client.js';
import type { CommandObserver } from './command-observer.js';
import { connectionOf, queueMade } from './connection.js';

/** The module `client/commands-queue`. */
export interface QueueModule {
  default: QueueClass;
}

type QueueClass = (new (...args: unknown[]) => CommandsQueue) & { readonly prototype: QueuePrototype };
type QueuePrototype = CommandsQueue & { [name: string]: AnyMethod };

/** `DoublyLinkedList` of node-redis 5 and later, or `yallist`. */
export interface ListPrototype {
  push?(...values: unknown[]): unknown;
  unshift?(...values: unknown[]): unknown;
  pushNode?(node: unknown): unknown;
  unshiftNode?(node: unknown): unknown;
}

/** Methods of a queue, besides `addCommand`, by which commands of the app get into it. */
const ADDING = ['subscribe', 'unsubscribe', 'extendPubSubChannelListeners', 'extendPubSubListeners', 'monitor', 'reset'];

export class QueuePatch {
  readonly #patches: MethodPatches;
  readonly #observer: CommandObserver;
  /** The queue that is adding a command, until its list has got it. */
  #adding: CommandsQueue | undefined;
  #options: CommandOptions | undefined;

  constructor(patches: MethodPatches, observer: CommandObserver) {
    this.#patches = patches;
    this.#observer = observer;
  }

  patchQueue(module: QueueModule): void {
    const { prototype } = module.default;
    this.#patches.replace(prototype, 'addCommand', (original) => this.#observeAdding(original));
    for (const name of ADDING) this.#patches.replace(prototype, name, (original) => this.#noteAdding(original));
    this.#patches.replace(
      module,
      'default',
      (Queue) =>
        new Proxy(Queue, {
          construct(target, args, newTarget) {
            const queue: CommandsQueue = Reflect.construct(target, args, newTarget);
            queueMade(queue);
            return queue;
          },
        }),
    );
  }

  patchList(prototype: ListPrototype | undefined): void {
    const patch = this;
    for (const name of ['push', 'unshift'] as const) {
      this.#patches.replace(
        prototype,
        name,
        (original) =>
          function add(this: unknown, ...values: unknown[]): unknown {
            patch.#added(values[0]);
            return original.apply(this, values);
          },
      );
    }
    for (const name of ['pushNode', 'unshiftNode'] as const) {
      this.#patches.replace(
        prototype,
        name,
        (original) =>
          function add(this: unknown, node: unknown): unknown {
            if (typeof node === 'object' && node !== null && 'value' in node) patch.#added(node.value);
            return original.call(this, node);
          },
      );
    }
  }

  #added(value: unknown): void {
    const queue = this.#adding;
    if (queue === undefined) return;
    this.#adding = undefined;
    const connection = connectionOf(queue);
    connection.isListSeen = true;
    if (isQueuedCommand(value)) this.#observer.queued(connection, value, this.#options);
  }

  #observeAdding(original: CommandsQueue['addCommand']): CommandsQueue['addCommand'] {
    const patch = this;
    return function addCommand(this: CommandsQueue, words, options, bufferMode) {
      if (!patch.#patches.isOn) return original.call(this, words, options, bufferMode);
      patch.#adding = this;
      patch.#options = options;
      const promise = original.call(this, words, options, bufferMode);
      if (patch.#adding === this) {
        patch.#adding = undefined;
        const connection = connectionOf(this);
        const isAborted = options?.signal?.aborted === true || options?.abortSignal?.aborted === true;
        // Otherwise the list is one that could not be patched, and nothing is known of its
        // commands.
        if (connection.isListSeen) patch.#observer.refused(connection, words, isAborted ? 'aborted' : 'full');
      }
      return promise;
    };
  }

  #noteAdding(original: AnyMethod): AnyMethod {
    const patch = this;
    return function add(this: unknown, ...args) {
      if (!patch.#patches.isOn || !isQueue(this)) return original.apply(this, args);
      patch.#adding = this;
      patch.#options = undefined;
      try {
        return original.apply(this, args);
      } finally {
        patch.#adding = undefined;
      }
    };
  }
}

function isQueue(value: unknown): value is CommandsQueue {
  return typeof value === 'object' && value !== null && 'addCommand' in value;
}
