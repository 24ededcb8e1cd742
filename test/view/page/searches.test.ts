// What is typed into the search of the page Traces, and what the page can tell without asking the server.
import { expect, test } from 'vitest';
import type { TraceSummary } from '../../../src/view/api.js';
import { compareBy, isFound, queryOf, readSearch, splitText } from '../../../src/view/page/traces/trace-search.js';

const OPEN = readSearch(new URLSearchParams());

function summary(name: string, start: string, more: Partial<TraceSummary> = {}): TraceSummary {
  const counts = { durationMs: 1, spanCount: 1, logCount: 0, errorCount: 0 };
  return { traceId: name, name, service: 'api', services: ['api'], route: '', startTimeUnixNano: start, ...counts, ...more };
}

test.each([
  ['paddle', { words: 'paddle', attributes: [] }],
  ['http.route=/orders paddle', { words: 'paddle', attributes: ['http.route=/orders'] }],
  ['db.query.text="SELECT ?" a', { words: 'a', attributes: ['db.query.text=SELECT ?'] }],
  ['a = b', { words: 'a = b', attributes: [] }],
])('%s', (text, expected) => {
  expect(splitText(text)).toEqual(expected);
});

test('the search becomes the parameters of the server; what is not known is left out', () => {
  const search = readSearch(new URLSearchParams('q=x y=1&minMs=abc&sort=nonsense&error=true'));
  expect(queryOf(search, 10, 0)).toBe('q=x&attribute=y%3D1&error=true&sort=start&order=desc&limit=10&offset=0');
});

test('the page knows itself whether a new trace is found, but not by text', () => {
  expect(isFound(summary('a', '1'), OPEN)).toBe(true);
  expect(isFound(summary('a', '1'), { ...OPEN, service: 'worker' })).toBe(false);
  expect(isFound(summary('a', '1'), { ...OPEN, minMs: '2' })).toBe(false);
  expect(isFound(summary('a', '1', { errorCount: 1 }), { ...OPEN, error: true })).toBe(true);
  expect(isFound(summary('a', '1'), { ...OPEN, text: 'a' })).toBeUndefined();
});

test('the latest first; numbers of nanoseconds are not compared as words', () => {
  const traces = [summary('a', '9'), summary('b', '10'), summary('c', '11', { durationMs: 5 })];
  const order = (sort: Parameters<typeof compareBy>[0]) =>
    [...traces]
      .sort(compareBy(sort))
      .map(({ name }) => name)
      .join('');
  expect(order({ sort: 'start', order: 'desc' })).toBe('cba');
  expect(order({ sort: 'start', order: 'asc' })).toBe('abc');
  expect(order({ sort: 'duration', order: 'desc' })).toBe('cba');
  expect(order({ sort: 'duration', order: 'asc' })).toBe('bac');
});
