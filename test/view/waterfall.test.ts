import { expect, test } from 'vitest';
import { formatDuration } from '../../src/view/format.js';
import { buildSpanTrees } from '../../src/view/span-tree.js';
import { renderWaterfall } from '../../src/view/waterfall.js';
import { spanTree } from '../support/otlp.ts';
import { makeLog, makeSpan, spanId } from './spans.ts';

const webhook = [
  makeSpan('1', '', 'POST /webhooks/paddle', 0, 12.4, { kind: 'SERVER' }),
  makeSpan('2', '1', 'send webhooks', 1, 3, { kind: 'PRODUCER' }),
  makeSpan('3', '2', 'process webhooks', 6, 100, { kind: 'CONSUMER', service: 'worker', status: { code: 'ERROR', message: 'x' } }),
  makeSpan('4', '3', 'SELECT', 10, 40, { kind: 'CLIENT', service: 'worker' }),
  makeSpan('5', '3', 'SET', 41, 41.2, { kind: 'CLIENT', service: 'worker' }),
];

test('a trace of two services with an error, a link and logs', () => {
  const spans = webhook.map((span) =>
    span.name === 'SET' ? { ...span, links: [{ traceId: 'f'.repeat(32), spanId: spanId('9'), traceState: '', attributes: {} }] } : span,
  );
  const logs = [makeLog('1', 'accepted', 2), makeLog('3', 'attempt 1 failed', 99, { severityText: '', severityNumber: 17 })];
  expect(renderWaterfall(spans, logs, { width: 100 }).split('\n')).toEqual([
    'trace 4bf92f3577b34da6a3ce929d0e0e4736  5 spans · 2 services · 100ms · 1 error',
    'POST /webhooks/paddle                  server   api      12.4ms |███                       |',
    '│  · +2.0ms INFO accepted',
    '└─ send webhooks                       producer api       2.0ms |█                         |',
    '   └─ process webhooks                 consumer worker   94.0ms | █████████████████████████| ✗ ERROR',
    '      │  · +99.0ms ERROR attempt 1 failed',
    '      ├─ SELECT                        client   worker   30.0ms |  ████████                |',
    '      └─ SET                           client   worker    200µs |          █               |',
    `            ⤷ linked to span 0000000000000009 of trace ${'f'.repeat(32)}`,
  ]);
});

test('no line is wider than asked, whatever the names are', () => {
  const long = webhook.map((span) => ({ ...span, name: 'ü'.repeat(300), service: '服'.repeat(50) }));
  for (const width of [60, 80, 200]) {
    for (const line of renderWaterfall(long, [makeLog('1', 'x'.repeat(500), 1)], { width }).split('\n')) {
      expect([...line].length).toBeLessThanOrEqual(width);
    }
  }
});

test('escape codes and line ends of a sender do not reach the terminal', () => {
  const text = renderWaterfall(
    [makeSpan('1', '', '\x1b[2Jname\nline', 0, 1, { service: 'a\rb' })],
    [makeLog('1', '\x1b]0;title\x07\u202e', 0)],
  );
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(text.split('\n')).toHaveLength(3);
});

test('colours only when asked', () => {
  expect(renderWaterfall(webhook)).not.toContain('\x1b');
  expect(renderWaterfall(webhook, [], { colors: true })).toContain('\x1b[31m');
});

test('no spans', () => {
  expect(renderWaterfall([])).toBe('(no spans)');
});

test('spans of one moment, and spans that end before they start, still have a mark', () => {
  const text = renderWaterfall([makeSpan('1', '', 'instant', 5, 5), makeSpan('2', '1', 'backwards', 5, 4)]);
  expect(text.match(/█/g)).toHaveLength(2);
});

test('siblings are in the order of their start; a missing parent makes a root', () => {
  const spans = [
    makeSpan('3', '1', 'b', 2, 3),
    makeSpan('2', '1', 'a', 1, 9),
    makeSpan('1', 'lost', 'root', 0, 9),
    makeSpan('4', 'gone', 'orphan', 5, 6),
  ];
  const node = (name: string, children: object[] = []) => ({ name, kind: 'INTERNAL', status: 'UNSET', children });
  expect(spanTree(spans)).toEqual([node('root', [node('a'), node('b')]), node('orphan')]);
});

test('spans that are their own ancestors appear once each', () => {
  const circle = [
    makeSpan('1', '3', 'a', 0, 1),
    makeSpan('2', '1', 'b', 0, 1),
    makeSpan('3', '2', 'c', 0, 1),
    makeSpan('4', '4', 'self', 0, 1),
  ];
  const names = (nodes: ReturnType<typeof buildSpanTrees>): string[] => nodes.flatMap((node) => [node.span.name, ...names(node.children)]);
  expect(names(buildSpanTrees(circle)).sort()).toEqual(['a', 'b', 'c', 'self']);
});

test('a very deep trace is drawn', () => {
  const deep = Array.from({ length: 10_000 }, (_, index) =>
    makeSpan(String(index + 1), index === 0 ? '' : String(index), 's', index, index + 1),
  );
  expect(renderWaterfall(deep).split('\n')).toHaveLength(10_001);
});

test.each([
  [0n, '0ns'],
  [850n, '850ns'],
  [12_400n, '12.4µs'],
  [999_999n, '999µs'],
  [3_100_000n, '3.1ms'],
  [250_700_000n, '250ms'],
  [2_500_000_000n, '2.5s'],
  [192_000_000_000n, '3m12s'],
  [-5_000n, '-5.0µs'],
])('%i nanoseconds are %s', (nanoseconds, text) => {
  expect(formatDuration(nanoseconds)).toBe(text);
});
