// A queue of Bull as QueueReader reads those of BullMQ: Bull 4 keeps its jobs under the same keys.
import type { QueueInstance } from '../bullmq-module.js';
import type { BullQueue } from './bull-module.js';

const known = new WeakMap<BullQueue, QueueInstance>();

/** The same object each time; it lives as long as the queue does. */
export function readableQueue(queue: BullQueue): QueueInstance {
  const existing = known.get(queue);
  if (existing !== undefined) return existing;
  const readable: QueueInstance = {
    name: queue.name,
    opts: {},
    qualifiedName: queue.toKey('').replace(/:$/, ''),
    get connection() {
      return { client: Promise.resolve(queue.client) };
    },
    get closing() {
      return queue.closing;
    },
    listenerCount: (event) => queue.listenerCount(event),
  };
  known.set(queue, readable);
  return readable;
}
