// Beginnings of the keys of a queue in Redis.
import type { QueueInstance } from './bullmq-module.js';

/** `bull:payments`. */
export function qualifiedName(queue: QueueInstance): string {
  return queue.qualifiedName ?? `${queue.opts.prefix ?? 'bull'}:${queue.name}`;
}

/** `bull`, which the queues of an app have in common. */
export function prefixOf(queue: QueueInstance): string {
  return qualifiedName(queue).slice(0, -(queue.name.length + 1));
}
