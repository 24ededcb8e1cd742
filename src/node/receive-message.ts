// receiveMessageOnPort() takes a BroadcastChannel too (https://nodejs.org/api/worker_threads.html), which its type does not say.
import { type BroadcastChannel, receiveMessageOnPort } from 'node:worker_threads';

/** The next message that has been posted, without waiting. */
export function receiveMessage(channel: BroadcastChannel): { readonly message: unknown } | undefined {
  return Reflect.apply(receiveMessageOnPort, undefined, [channel]);
}
