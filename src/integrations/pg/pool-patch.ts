// Observes pg-pool: how long callers wait for a connection, how many there are, and that each
// caller goes on in its own context, not in that of the caller who gave the connection back.
import { context, SpanKind } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { activeContext, runInContext } from '../../context/index.js';
import { captureStack } from '../../observe/caller-stack.js';
import type { MethodPatches } from '../../observe/method-patches.js';
import { readError } from '../../observe/postgresql/database-error.js';
import { describeError } from '../../observe/postgresql/span-error.js';
import { running } from '../../observe/running-operations.js';
import { pastEpochMillis } from '../../sdk/trace/span-time.js';
import type { ClientSource } from './client-source.js';
import type { ClientTracer } from './client-tracer.js';
import { SPAN_POOL_CONNECT } from './names.js';
import { type ConnectCallback, isClient, type PendingItem, type PgPool, type PoolClass } from './pg-internals.js';
import { PoolCheckout, type PoolQuery } from './pool-checkout.js';
import type { Pools } from './pools.js';
import { callsBack, textOf } from './submittable.js';

/**
 * The property by which an item of a pool's queue keeps its checkout. (A WeakMap, which every call
 * adds to, cost 0.3 µs a call, and the garbage collector more.)
 */
const CHECKOUT: unique symbol = Symbol('sietch-otel.checkout');

interface ObservedItem extends PendingItem {
  [CHECKOUT]?: PoolCheckout;
}

export function patchPool(patches: MethodPatches, Pool: PoolClass, tracer: ClientTracer, pools: Pools): void {
  const { prototype } = Pool;
  const original = { connect: prototype.connect, query: prototype.query, newClient: prototype.newClient };
  const withStacks = tracer.settings.checkoutStacks;
  let queryOnStack: PoolQuery | undefined;

  function connect(this: PgPool, callback?: ConnectCallback): unknown {
    const query = queryOnStack;
    queryOnStack = undefined;
    const active = activeContext();
    if (!patches.isOn || this.ending === true || isTracingSuppressed(active)) return original.connect.call(this, callback);
    const stack = withStacks && query === undefined ? captureStack() : undefined;
    const checkout = new PoolCheckout(this, active, query, stack, pools);
    running.add(checkout);
    if (callback !== undefined && typeof callback === 'function') return connectWithCallback(checkout, callback);
    return promised(this, (settle) => connectWithCallback(checkout, settle));
  }

  function connectWithCallback(checkout: PoolCheckout, callback: ConnectCallback): unknown {
    const { pool } = checkout;
    const waiting = pool._pendingQueue?.length ?? 0;
    const result = connectOrThrow(checkout, function (this: unknown, ...results) {
      running.remove(checkout);
      const source = reportCheckout(checkout, results[0], results[1], tracer, pools);
      if (source === undefined || checkout.query === undefined)
        return runInContext(checkout.context, Reflect.apply, callback, this, results);
      source.querying = checkout;
      try {
        return runInContext(checkout.context, Reflect.apply, callback, this, results);
      } finally {
        source.querying = undefined;
      }
    });
    pools.learn(pool);
    const item: ObservedItem | undefined = pool._pendingQueue?.[waiting];
    if (item !== undefined) item[CHECKOUT] = checkout;
    return result;
  }

  /** It throws where no client can be made, as of a wrong connection string. */
  function connectOrThrow(checkout: PoolCheckout, callback: ConnectCallback): unknown {
    try {
      return original.connect.call(checkout.pool, callback);
    } catch (error) {
      running.remove(checkout);
      throw error;
    }
  }

  /**
   * A connection is made when one is given back broken: for the caller who waits, not for the one
   * who gave it back.
   */
  function newClient(this: PgPool, pendingItem: ObservedItem | undefined): unknown {
    const checkout = pendingItem?.[CHECKOUT];
    if (checkout === undefined) return original.newClient?.call(this, pendingItem);
    return context.with(checkout.context, () => original.newClient?.call(this, pendingItem));
  }

  function query(this: PgPool, text: unknown, values: unknown, callback: unknown): unknown {
    // A subclass whose connect() is its own may make other queries first, which call back.
    const bound = callsBack(text, values, callback) || isListenedTo(this) || this.connect !== prototype.connect;
    queryOnStack = { text, bound, caller: tracer.callerOf(textOf(text)) };
    try {
      return original.query.call(this, text, values, callback);
    } finally {
      queryOnStack = undefined;
    }
  }

  patches.replace(prototype, 'connect', () => connect);
  patches.replace(prototype, 'query', () => query);
  patches.replace(prototype, 'newClient', () => newClient);
}

/** The app is told when a connection comes back, by an event or in its log. */
function isListenedTo(pool: PgPool): boolean {
  return pool.options.log !== undefined || (pool.listenerCount?.('release') ?? 0) > 0;
}

/**
 * As pg-pool itself makes its promises: a rejection gets the stack of the caller, and what `run`
 * throws is thrown.
 */
function promised(pool: PgPool, run: (settle: ConnectCallback) => void): Promise<unknown> {
  let settle: ConnectCallback = () => {};
  const made = new pool.Promise<unknown>((resolve, reject) => {
    settle = (error, client) => {
      if (error) reject(error);
      else resolve(client);
    };
  });
  run(settle);
  return made.catch((error: unknown) => {
    if (typeof error === 'object' && error !== null) Error.captureStackTrace(error);
    throw error;
  });
}

/** @returns what is known of the client, where there is one */
function reportCheckout(
  checkout: PoolCheckout,
  error: unknown,
  client: unknown,
  tracer: ClientTracer,
  pools: Pools,
): ClientSource | undefined {
  const { pool, context: caller, startedAt, query } = checkout;
  if (!error) return isClient(client) ? tracer.acquired(client, checkout) : undefined;
  const target = pools.targetOf(pool);
  if (query !== undefined) {
    tracer.fail(target, query.text, caller, startedAt, error);
    return undefined;
  }
  const options = { kind: SpanKind.CLIENT, attributes: target.attributes, startTime: pastEpochMillis(startedAt) };
  const span = tracer.startFailed(SPAN_POOL_CONNECT, options, caller);
  const endMs = pastEpochMillis(performance.now());
  describeError(span, readError(error), endMs);
  span.end(endMs);
  return undefined;
}
