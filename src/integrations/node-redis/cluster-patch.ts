// Knows the nodes of cluster clients, whose commands are sent again after MOVED and ASK; and keeps
// what cluster and Sentinel clients ask to find their way out of the traces of the app.
import { context } from '@opentelemetry/api';
import type { AnyMethod, MethodPatches } from '../../observe/method-patches.js';
import { isClient } from './client.js';
import { DISCOVERY } from './command-observer.js';
import { addNode } from './redirection.js';

/** The prototype of `RedisClusterSlots` or of `RedisSentinel`. */
export type Prototype = { [name: string]: AnyMethod };

/** Each gives the client of a node, or a promise of it; 5.10 and later, with the slot beside it. */
const GIVE_NODES = ['getClient', 'getClientAndSlotNumber', 'getMasterByAddress'];

export function patchClusterSlots(patches: MethodPatches, prototype: Prototype | undefined): void {
  for (const name of GIVE_NODES) patches.replace(prototype, name, noteNodes);
  for (const name of ['connect', 'rediscover']) patches.replace(prototype, name, inDiscovery);
}

export function patchSentinel(patches: MethodPatches, prototype: Prototype | undefined): void {
  patches.replace(prototype, 'connect', inDiscovery);
}

function inDiscovery(original: AnyMethod): AnyMethod {
  return function find(this: unknown, ...args) {
    return context.with(DISCOVERY, () => original.apply(this, args));
  };
}

function noteNodes(original: AnyMethod): AnyMethod {
  return function give(this: unknown, ...args) {
    const given = original.apply(this, args);
    // The cluster client awaits the same promise, so that a rejection of it is handled.
    if (given instanceof Promise) given.then(note, () => {});
    else note(given);
    return given;
  };
}

function note(given: unknown): void {
  const client = typeof given === 'object' && given !== null && 'client' in given ? given.client : given;
  if (isClient(client)) addNode(client);
}
