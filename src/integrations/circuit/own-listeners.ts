// Puts an observation before each of opossum's own listeners, as its constructor registers them. No
// listener is added: event order, listener counts and results stay what they are without us; and
// they cost a function call, where one more listener would cost a copied array.
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import type { BreakerRegistry } from './breaker-registry.js';
import type { ObservedBreaker } from './observed-breaker.js';
import type { Breaker } from './opossum.js';

export type Listener = (...args: unknown[]) => void;
type Observation = (first: unknown, latencyMs: number) => void;

/**
 * The property by which a breaker holds its observation; other copies of this package find it there
 * too.
 */
const OBSERVED = Symbol.for('@sietch/otel.circuit.observed');

/** Breakers whose constructor runs. */
const underConstruction = new WeakSet<Breaker>();

/** The observation of a breaker, when it has one. */
export function observationOf(breaker: Breaker & { [OBSERVED]?: ObservedBreaker }): ObservedBreaker | undefined {
  return breaker[OBSERVED];
}

/**
 * The listener that `breaker.on(event, listener)` registers: the listener itself, or, while
 * opossum's constructor runs, one that observes first. The constructor's first and last
 * registrations are for `success`.
 */
export function ownListener(breaker: Breaker, event: unknown, listener: Listener, registry: BreakerRegistry): Listener {
  let observed = observationOf(breaker);
  if (observed === undefined) {
    if (event !== 'success') return listener;
    observed = registry.observe(breaker);
    Object.defineProperty(breaker, OBSERVED, { value: observed, configurable: true });
    underConstruction.add(breaker);
  } else if (!underConstruction.has(breaker) || (event === 'success' && underConstruction.delete(breaker))) {
    return listener;
  }
  // The second listener for `open` starts the timer that ends in half-open: it shall not carry the
  // trace of the call that opened the circuit.
  if (event === 'open' && breaker.listenerCount('open') > 0) return standIn(listener, outsideOfTrace(listener));
  if (event === 'success') return standIn(listener, observeSuccess(observed, listener));
  const observation = observationFor(observed, event);
  return observation === undefined ? listener : standIn(listener, observeFirst(observation, listener));
}

function observationFor(observed: ObservedBreaker, event: unknown): Observation | undefined {
  switch (event) {
    case 'failure':
      return (error, latencyMs) => observed.onFailure(error, latencyMs);
    case 'timeout':
      return (error, latencyMs) => observed.onTimeout(error, latencyMs);
    case 'semaphoreLocked':
      return (error, latencyMs) => observed.onSemaphoreLocked(error, latencyMs);
    case 'reject':
      return () => observed.onReject();
    case 'fallback':
      return () => observed.onFallback();
    case 'cacheHit':
    case 'coalesceCacheHit':
      return () => observed.onCacheHit();
    case 'open':
      return () => observed.onOpen();
    case 'close':
      return () => observed.states.onClose();
    default:
      return undefined;
  }
}

function observeFirst(observation: Observation, listener: Listener): Listener {
  return (first, second) => {
    try {
      // opossum gives a latency wherever one is asked for here.
      observation(first, typeof second === 'number' ? second : 0);
    } catch {
      // Observing must not fail what is observed.
    }
    listener(first, second);
  };
}

/**
 * As `observeFirst`, in code of its own: the compiler learns one callee here, where it learns all
 * others there.
 */
function observeSuccess(observed: ObservedBreaker, listener: Listener): Listener {
  return (result, latencyMs) => {
    try {
      observed.onSuccess(result, typeof latencyMs === 'number' ? latencyMs : 0);
    } catch {
      // Observing must not fail what is observed.
    }
    listener(result, latencyMs);
  };
}

function outsideOfTrace(listener: Listener): Listener {
  return (...args) => context.with(ROOT_CONTEXT, () => listener(...args));
}

/**
 * Node's emitter keeps under `listener` what a stand-in stands for: `listeners()` and `off()` see
 * opossum's own.
 */
function standIn(original: Listener, replacement: Listener & { listener?: Listener }): Listener {
  replacement.listener = original;
  return replacement;
}
