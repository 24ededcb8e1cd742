// What a cache of results keeps when more names come than it holds.
import { afterEach, expect, test, vi } from 'vitest';
import { ResultCache } from '../../src/observe/result-cache.js';

afterEach(() => vi.restoreAllMocks());

test('keeps all results while there is room', () => {
  const cache = new ResultCache<string, number>(2);
  cache.offer('a', 1);
  cache.offer('b', 2);
  expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([1, 2, undefined]);
});

test('a full one leaves out fifteen of sixteen new results; for one that gets in the oldest goes', () => {
  const cache = new ResultCache<string, number>(2);
  cache.offer('a', 1);
  cache.offer('b', 2);
  vi.spyOn(Math, 'random').mockReturnValue(1 / 16);
  cache.offer('c', 3);
  expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([1, 2, undefined]);
  vi.spyOn(Math, 'random').mockReturnValue(1 / 17);
  cache.offer('c', 3);
  expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([undefined, 2, 3]);
});

test('a full one takes a newer result of a name that it has', () => {
  const cache = new ResultCache<string, number>(2);
  cache.offer('a', 1);
  cache.offer('b', 2);
  vi.spyOn(Math, 'random').mockReturnValue(1 / 16);
  cache.offer('a', 3);
  vi.spyOn(Math, 'random').mockReturnValue(1 / 17);
  cache.offer('b', 4);
  expect([cache.get('a'), cache.get('b')]).toEqual([3, 4]);
});

test('names that come in turns, more than it holds, find most of what it has room for', () => {
  const cache = new ResultCache<number, number>(100);
  let found = 0;
  for (let n = 0; n < 20_000; n++) {
    const name = n % 200;
    if (cache.get(name) === undefined) cache.offer(name, name);
    else found++;
  }
  expect(found / 20_000).toBeGreaterThan(0.4);
});
