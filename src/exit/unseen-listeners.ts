// Listeners on `process` that the app does not see. Code that asks "am I the only one who listens to SIGTERM?" (signal-exit, in most dependency
// trees) decides by the answer whether to end the process; ours must not change it.
import { EventEmitter } from 'node:events';

type Listener = Parameters<EventEmitter['on']>[1];
type Event = string | symbol;

const ours = new Map<Event, Set<Listener>>();
/** While true, nothing is hidden. */
let revealed = false;
/** `process` without its types by event name. */
const emitter: EventEmitter = process;

/** Adds `listener` to `process`, before all others; returns what removes it again. */
export function listenUnseen(event: Event, listener: Listener): () => void {
  if (ours.size === 0) hide();
  const listeners = ours.get(event) ?? new Set<Listener>();
  ours.set(event, listeners.add(listener));
  emitter.prependListener(event, listener);
  return () => {
    listeners.delete(listener);
    emitter.removeListener(event, listener);
  };
}

function isSeen(event: Event, listener: unknown): boolean {
  if (revealed) return true;
  for (const own of ours.get(event) ?? []) if (own === listener) return false;
  return true;
}

/** Gives `process` own methods that answer as if our listeners were not there, with the names and lengths of those they hide. */
function hide(): void {
  const inherited = EventEmitter.prototype;
  const methods = {
    listeners(this: EventEmitter, event: Event) {
      return inherited.listeners.call(this, event).filter((listener) => isSeen(event, listener));
    },
    rawListeners(this: EventEmitter, event: Event) {
      return inherited.rawListeners.call(this, event).filter((listener) => isSeen(event, listener));
    },
    listenerCount(this: EventEmitter, event: Event, listener: unknown) {
      const seen = this.listeners(event);
      return typeof listener === 'function' ? seen.filter((each) => each === listener).length : seen.length;
    },
    eventNames(this: EventEmitter) {
      return inherited.eventNames.call(this).filter((event) => this.listenerCount(event) > 0);
    },
    removeAllListeners(this: EventEmitter, ...events: [event?: Event]) {
      inherited.removeAllListeners.apply(this, events);
      for (const [event, listeners] of ours) {
        if (events.length > 0 && events[0] !== event) continue;
        for (const listener of listeners) this.prependListener(event, listener);
      }
      return this;
    },
  };
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(value, 'length', { value: Reflect.get(inherited, name).length });
    Object.defineProperty(process, name, { value, writable: true, configurable: true, enumerable: false });
  }
  revealToNode();
}

/** Node stops to watch a signal when the last listener is removed, and asks listenerCount() in a `removeListener` listener of its own. */
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
