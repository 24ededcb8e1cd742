// The time that the event loop works for each route and queue, while a profile is taken: the active
// context is looked at whenever it changes, by async hooks that are there for that time only.
import { type AsyncHook, createHook } from 'node:async_hooks';
import type { Context } from '@opentelemetry/api';
import { getRPCMetadata, type RPCMetadata } from '@opentelemetry/core';
import { commenterTagsOf } from '../context/commenter-tags.js';
import { activeContext, observeSwitches } from '../context/context-manager.js';

/** Requests whose route no framework has told, like those of a server of node:http. */
const NO_ROUTE = 'requests without a route';
const OTHERS = 'others';
const MAX_NAMES = 500;
const MAX_NAME = 200;
/** Requests that have no route yet. */
const MAX_UNROUTED = 1_000;

/** A request, or the name of a queue; undefined for what belongs to neither. */
type Owner = RPCMetadata | string | undefined;

export class RouteTime {
  readonly #milliseconds = new Map<string, number>();
  /** What was done for requests before a framework matched their route. */
  readonly #unrouted = new Map<RPCMetadata, number>();
  /** Owners of what is interrupted by something inside of it. */
  readonly #outer: Owner[] = [];
  #owner: Owner;
  #since = 0;
  #hook: AsyncHook | undefined;
  #unobserve: (() => void) | undefined;

  start(): void {
    this.#since = performance.now();
    this.#unobserve = observeSwitches({ entered: (context) => this.#enter(context), left: () => this.#leave() });
    // Errors of these functions would end the process: they throw nothing.
    this.#hook = createHook({ before: () => this.#enter(activeContext()), after: () => this.#leave() }).enable();
  }

  /** Milliseconds by name: `route /users/:id`, `queue webhooks`. A second call gives nothing new. */
  stop(): ReadonlyMap<string, number> {
    if (this.#hook === undefined) return this.#milliseconds;
    this.#hook.disable();
    this.#hook = undefined;
    this.#unobserve?.();
    this.#become(undefined);
    this.#settleUnrouted();
    return this.#milliseconds;
  }

  #enter(context: Context): void {
    this.#outer.push(this.#owner);
    this.#become(ownerOf(context));
  }

  /** What had begun before the profile has no beginning here, but an end. */
  #leave(): void {
    this.#become(this.#outer.pop());
  }

  #become(owner: Owner): void {
    if (owner === this.#owner) return;
    const now = performance.now();
    if (this.#owner !== undefined) this.#charge(this.#owner, now - this.#since);
    this.#owner = owner;
    this.#since = now;
  }

  #charge(owner: RPCMetadata | string, milliseconds: number): void {
    if (typeof owner === 'string') {
      this.#add(owner, milliseconds);
      return;
    }
    const before = this.#unrouted.get(owner) ?? 0;
    if (owner.route === undefined) {
      this.#unrouted.set(owner, before + milliseconds);
      if (this.#unrouted.size > MAX_UNROUTED) this.#settleUnrouted();
    } else {
      this.#unrouted.delete(owner);
      this.#add(nameOf(owner), before + milliseconds);
    }
  }

  #settleUnrouted(): void {
    for (const [request, milliseconds] of this.#unrouted) this.#add(nameOf(request), milliseconds);
    this.#unrouted.clear();
  }

  #add(name: string, milliseconds: number): void {
    const key = this.#milliseconds.has(name) || this.#milliseconds.size < MAX_NAMES ? name : OTHERS;
    this.#milliseconds.set(key, (this.#milliseconds.get(key) ?? 0) + milliseconds);
  }
}

function nameOf({ route }: RPCMetadata): string {
  return typeof route === 'string' && route !== '' ? `route ${route}`.slice(0, MAX_NAME) : NO_ROUTE;
}

/** Contexts may be the app's own. */
function ownerOf(context: Context): Owner {
  try {
    const { queue } = commenterTagsOf(context);
    return queue === undefined ? getRPCMetadata(context) : `queue ${queue}`.slice(0, MAX_NAME);
  } catch {
    return undefined;
  }
}
