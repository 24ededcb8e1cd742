import { EventEmitter, getEventListeners, listenerCount } from 'node:events';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { addHiddenListener } from '../../src/node/hidden-process-listeners.js';

/** An event that nobody else in the test process has to do with. */
const EVENT = 'sietch-test';
const emitter: EventEmitter = process;
const ours = vi.fn();
const theirs = (): void => {};
const before = process.eventNames();

afterEach(() => {
  emitter.removeAllListeners(EVENT);
  ours.mockClear();
});

test('it hears, and nobody sees it', () => {
  const stop = addHiddenListener(EVENT, ours);
  expect(emitter.emit(EVENT, 1, 2)).toBe(true);
  expect(ours).toHaveBeenCalledWith(1, 2);
  expect(process.eventNames()).toEqual(before);
  expect(emitter.listeners(EVENT)).toEqual([]);
  expect(emitter.rawListeners(EVENT)).toEqual([]);
  expect(emitter.listenerCount(EVENT)).toBe(0);
  expect(listenerCount(emitter, EVENT)).toBe(0);
  expect(getEventListeners(emitter, EVENT)).toEqual([]);
  stop();
  expect(emitter.emit(EVENT)).toBe(false);
});

test("the app's own are seen as ever", () => {
  const stop = addHiddenListener(EVENT, ours);
  emitter.once(EVENT, theirs).on(EVENT, theirs);
  expect(process.eventNames()).toEqual([...before, EVENT]);
  expect(emitter.listeners(EVENT)).toEqual([theirs, theirs]);
  expect(emitter.rawListeners(EVENT)).toHaveLength(2);
  expect(Reflect.get(emitter.rawListeners(EVENT)[0] ?? {}, 'listener')).toBe(theirs);
  expect(emitter.listenerCount(EVENT)).toBe(2);
  expect(emitter.listenerCount(EVENT, theirs)).toBe(2);
  expect(emitter.listenerCount(EVENT, ours)).toBe(0);
  emitter.emit(EVENT);
  expect(emitter.listeners(EVENT)).toEqual([theirs]);
  stop();
});

test('removeAllListeners() removes the others', () => {
  const stop = addHiddenListener(EVENT, ours);
  emitter.on(EVENT, theirs);
  expect(emitter.removeAllListeners(EVENT)).toBe(process);
  expect(emitter.listenerCount(EVENT)).toBe(0);
  emitter.emit(EVENT);
  expect(ours).toHaveBeenCalledOnce();
  stop();
});

test('the methods that hide it look like those they replace', () => {
  addHiddenListener(EVENT, ours)();
  for (const name of ['listeners', 'rawListeners', 'listenerCount', 'eventNames', 'removeAllListeners'] as const) {
    expect(process[name].length).toBe(EventEmitter.prototype[name].length);
    expect(process[name].name).toBe(name);
    expect(Object.keys(process)).not.toContain(name);
  }
});

/** As tsx does, to hear a signal and to end the process where the app does not listen to it. */
function hideAsTsx(event: string, listener: () => void): () => void {
  const { listeners, listenerCount } = emitter;
  emitter.prependListener(event, listener);
  emitter.listeners = function (this: EventEmitter, name) {
    return listeners.call(this, name).filter((each) => each !== listener);
  };
  emitter.listenerCount = function (this: EventEmitter, name, given) {
    const hidden = listeners.call(this, name).filter((each) => each === listener).length;
    return listenerCount.call(this, name, given) - (given === undefined || given === listener ? hidden : 0);
  };
  return () => {
    emitter.removeListener(event, listener);
    Object.assign(emitter, { listeners, listenerCount });
  };
}

describe('another that hides a listener in the same way', () => {
  const hidden = vi.fn();

  test.for(['before', 'after'] as const)('it did so %s us: each sees the listeners of the app and no less than none', async (order) => {
    vi.resetModules();
    const showTheirs = order === 'before' ? hideAsTsx(EVENT, hidden) : undefined;
    const fresh: typeof import('../../src/node/hidden-process-listeners.js') = await import('../../src/node/hidden-process-listeners.js');
    const stop = fresh.addHiddenListener(EVENT, ours);
    const show = showTheirs ?? hideAsTsx(EVENT, hidden);
    try {
      expect([emitter.listenerCount(EVENT), emitter.listeners(EVENT)]).toEqual([0, []]);
      emitter.on(EVENT, theirs);
      expect([emitter.listenerCount(EVENT), emitter.listeners(EVENT)]).toEqual([1, [theirs]]);
      emitter.emit(EVENT);
      expect(ours).toHaveBeenCalledOnce();
      expect(hidden).toHaveBeenCalled();
    } finally {
      stop();
      show();
      hidden.mockClear();
    }
  });
});
