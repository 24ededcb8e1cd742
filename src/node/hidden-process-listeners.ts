// Adds listeners on `process` that the app does not see. Code that asks "am I the only listener of
// SIGTERM?" (signal-exit, in most dependency trees) decides by the answer whether to end the
// process; ours must not change it.
import { EventEmitter } from 'node:events';

type Listener = Parameters<EventEmitter['on']>[1];
type Event = string | symbol;

const ours = new Map<Event, Set<Listener>>();
/** While true, nothing is hidden. */
let revealed = false;
/** `process` without its types by event name. */
const emitter: EventEmitter = process;

/** Adds `listener` to `process`, before all others; returns what removes it again. */
export function addHiddenListener(event: Event, listener: Listener): () => void {
  if (ours.size === 0) hide();
  const listeners = ours.get(event) ?? new Set<Listener>();
  ours.set(event, listeners.add(listener));
  emitter.prependListener(event, listener);
  return () => {
    listeners.delete(listener);
    emitter.removeListener(event, listener);
  };
}

/**
 * Removes all hidden listeners of an event: a signal that is to end the process must find no
 * listener.
 */
export function removeHiddenListener(event: Event): void {
  const listeners = [...(ours.get(event) ?? [])];
  ours.delete(event);
  for (const listener of listeners) emitter.removeListener(event, listener);
}

function isHidden(event: Event, listener: unknown): boolean {
  if (revealed) return false;
  for (const own of ours.get(event) ?? []) if (own === listener) return true;
  return false;
}

const METHODS = ['listeners', 'rawListeners', 'listenerCount', 'eventNames', 'removeAllListeners'] as const;

/**
 * Gives `process` own methods that answer as if our listeners were not there, with the names and
 * lengths of those they hide. Each stands on the one it replaces and calls none of the others:
 * runners (tsx) hide listeners in the same way, before us or after us, and what two subtract is
 * less than nothing.
 */
function hide(): void {
  const before = { listeners: emitter.listeners, rawListeners: emitter.rawListeners, listenerCount: emitter.listenerCount };
  const { eventNames, removeAllListeners } = emitter;
  const hiddenOf = (target: EventEmitter, event: Event) =>
    EventEmitter.prototype.rawListeners.call(target, event).filter((listener) => isHidden(event, listener)).length;
  const methods: Pick<EventEmitter, (typeof METHODS)[number]> = {
    listeners(this: EventEmitter, event: Event) {
      return before.listeners.call(this, event).filter((listener) => !isHidden(event, listener));
    },
    rawListeners(this: EventEmitter, event: Event) {
      return before.rawListeners.call(this, event).filter((listener) => !isHidden(event, listener));
    },
    listenerCount(this: EventEmitter, event: Event, listener?: Listener) {
      if (typeof listener === 'function') return isHidden(event, listener) ? 0 : before.listenerCount.call(this, event, listener);
      return before.listenerCount.call(this, event) - hiddenOf(this, event);
    },
    eventNames(this: EventEmitter) {
      return eventNames.call(this).filter((event) => EventEmitter.prototype.listenerCount.call(this, event) > hiddenOf(this, event));
    },
    removeAllListeners(this: EventEmitter, ...events: [event?: Event]) {
      removeAllListeners.apply(this, events);
      for (const [event, listeners] of ours) {
        if (events.length > 0 && events[0] !== event) continue;
        for (const listener of listeners) this.prependListener(event, listener);
      }
      return this;
    },
  };
  for (const name of METHODS) {
    const value = methods[name];
    Object.defineProperty(value, 'length', { value: emitter[name].length });
    Object.defineProperty(process, name, { value, writable: true, configurable: true, enumerable: false });
  }
  revealToNode();
}

/**
 * Node stops to watch a signal when the last listener is removed, and asks listenerCount() in a
 * `removeListener` listener of its own.
 */
function revealToNode(): void {
  const reveal = () => {
    revealed = true;
  };
  const conceal = () => {
    revealed = false;
  };
  ours.set('removeListener', new Set([reveal, conceal]));
  emitter.prependListener('removeListener', reveal);
  emitter.addListener('removeListener', conceal);
}
