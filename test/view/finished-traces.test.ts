import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FinishedTraces } from '../../src/view/finished-traces.js';
import { makeSpan } from './spans.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function watch(): { told: string[]; finished: FinishedTraces; add(traceId: string): void } {
  const told: string[] = [];
  const finished = new FinishedTraces((traceId) => told.push(traceId), { quietMs: 100, maxWaitMs: 1_000 });
  return { told, finished, add: (traceId) => finished.add({ spans: [makeSpan('1', '', 'x', 0, 1, { traceId })] }) };
}

test('a trace is told of once it was quiet, and again when it grows later', () => {
  const { told, add } = watch();
  add('a');
  vi.advanceTimersByTime(80);
  add('a');
  add('b');
  vi.advanceTimersByTime(80);
  expect(told).toEqual([]);
  vi.advanceTimersByTime(80);
  expect(told).toEqual(['a', 'b']);
  vi.advanceTimersByTime(10_000);
  add('a');
  vi.advanceTimersByTime(200);
  expect(told).toEqual(['a', 'b', 'a']);
  expect(vi.getTimerCount()).toBe(0);
});

test('a trace that never stops growing is told of all the same', () => {
  const { told, add } = watch();
  for (let elapsed = 0; elapsed < 1_200; elapsed += 50) {
    add('a');
    vi.advanceTimersByTime(50);
  }
  expect(told).toEqual(['a']);
});

test('flush tells of what is left', () => {
  const { told, finished, add } = watch();
  add('a');
  finished.flush();
  expect(told).toEqual(['a']);
  expect(vi.getTimerCount()).toBe(0);
});

test('it waits for a bounded number of traces', () => {
  const { told, add } = watch();
  for (let index = 0; index < 5_010; index++) add(`trace ${index}`);
  expect(5_010 - told.length).toBeLessThanOrEqual(5_000);
  expect(told[0]).toBe('trace 0');
});
