import { afterEach, expect, test, vi } from 'vitest';
import { drawn, paint, paperOf } from '../../src/view/paper.js';
import { renderWaterfall } from '../../src/view/waterfall.js';
import { makeSpan, spanId } from './spans.ts';

const terminal = { isTTY: true, columns: 90 };
afterEach(() => vi.unstubAllEnvs());

test('a terminal has its own width, colours and boxes; a pipe has neither', () => {
  vi.stubEnv('NO_COLOR', undefined);
  expect(paperOf(terminal)).toEqual({ width: 90, colors: true, boxes: true });
  expect(paperOf({})).toEqual({ width: 120, colors: false, boxes: false });
});

test('NO_COLOR takes the colours of a terminal, not its boxes; an empty one is none; --color is asked for by hand', () => {
  vi.stubEnv('NO_COLOR', '1');
  expect(paperOf(terminal)).toMatchObject({ colors: false, boxes: true });
  expect(paperOf(terminal, true)).toMatchObject({ colors: true });
  vi.stubEnv('NO_COLOR', '');
  expect(paperOf(terminal)).toMatchObject({ colors: true });
});

test('--color in a pipe gives what a terminal at its end shows; --no-color takes the colours', () => {
  expect(paperOf({}, true)).toMatchObject({ colors: true, boxes: true });
  expect(paperOf(terminal, false)).toMatchObject({ colors: false, boxes: true });
});

test('without boxes a waterfall is drawn in ASCII, and what a sender wrote stays as it is', () => {
  const spans = [
    makeSpan('1', '', 'POST /│', 0, 10),
    { ...makeSpan('2', '1', 'send', 0, 5), links: [{ traceId: 'f'.repeat(32), spanId: spanId('9'), traceState: '', attributes: {} }] },
    makeSpan('3', '2', 'process', 5, 10, { status: { code: 'ERROR', message: 'x' } }),
    makeSpan('4', '1', 'last', 9, 10),
  ];
  expect(renderWaterfall(spans, [], { width: 80, boxes: false }).split('\n')).toEqual([
    'trace 4bf92f3577b34da6a3ce929d0e0e4736  4 spans · 1 service · 10.0ms · 1 error',
    'POST /│                      internal api   10.0ms |###################|',
    '|- send                      internal api    5.0ms |#########          |',
    `|  |  -> linked to span 0000000000000009 of trace ${'f'.repeat(29)}…`,
    '|  `- process                internal api    5.0ms |         ##########| x ERROR',
    '`- last                      internal api    1.0ms |                 ##|',
  ]);
});

test('what is only space is not painted', () => {
  expect(paint('  ', 'alarm', { colors: true })).toBe('  ');
  expect(paint('x', 'alarm', { colors: true })).toBe('\x1b[31mx\x1b[0m');
  expect(drawn('└─', { boxes: true })).toBe('└─');
});
