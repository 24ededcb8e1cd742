import { EventEmitter, getEventListeners, listenerCount } from 'node:events';
import { afterEach, expect, test, vi } from 'vitest';
import { listenUnseen } from '../../src/exit/unseen-listeners.js';

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
  const stop = listenUnseen(EVENT, ours);
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
  const stop = listenUnseen(EVENT, ours);
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
  const stop = listenUnseen(EVENT, ours);
  emitter.on(EVENT, theirs);
  expect(emitter.removeAllListeners(EVENT)).toBe(process);
  expect(emitter.listenerCount(EVENT)).toBe(0);
  emitter.emit(EVENT);
  expect(ours).toHaveBeenCalledOnce();
  stop();
});

test('the methods that hide it look like those they replace', () => {
  listenUnseen(EVENT, ours)();
  for (const name of ['listeners', 'rawListeners', 'listenerCount', 'eventNames', 'removeAllListeners'] as const) {
    expect(process[name].length).toBe(EventEmitter.prototype[name].length);
    expect(process[name].name).toBe(name);
    expect(Object.keys(process)).not.toContain(name);
  }
});
