// Files of traces: what is exported can be imported, here and in any collector; Jaeger's JSON, too.

import { expect, test } from 'vitest';
import { readTraceFile } from '../../src/view/import-file.js';
import { readTelemetry } from '../../src/view/otlp-telemetry.js';
import { otlpRequests, traceFile } from '../../src/view/otlp-writer.js';
import type { Metric, Span } from '../../src/view/telemetry.js';
import { makeLog, makeSpan, spanId, TRACE_ID } from './spans.ts';

const spans: Span[] = [
  makeSpan('1', '', 'POST', 0, 5, {
    kind: 'SERVER',
    attributes: {
      text: 'é\0"',
      int: 3,
      big: 2 ** 60,
      half: 0.5,
      list: [1, 'x', null, [true]],
      map: { a: { b: 1 } },
      none: null,
      ['__proto__']: 'x',
    },
    events: [{ name: 'e', timeUnixNano: 5n, attributes: { a: 1 } }],
    links: [{ traceId: 'f'.repeat(32), spanId: spanId('7'), traceState: 'a=b', attributes: { b: false } }],
    status: { code: 'ERROR', message: 'no' },
    droppedEventsCount: 2,
  }),
  makeSpan('2', '1', 'SELECT', 1, 2, {
    service: 'worker',
    resource: { 'service.name': 'worker' },
    resourceSchemaUrl: 'https://opentelemetry.io/schemas/1.45.0',
    scope: { name: 'pg', version: '8', schemaUrl: 'https://opentelemetry.io/schemas/1.44.0', attributes: { a: 1 } },
  }),
];
const logs = [makeLog('1', 'hello', 1, { body: { message: ['x', 1] } }), makeLog('2', 'bye', 2, { traceId: '', spanId: '' })];
const metrics: Metric[] = [
  {
    service: 'api',
    resource: { 'service.name': 'api' },
    resourceSchemaUrl: '',
    scope: { name: 's', version: '1', schemaUrl: '', attributes: {} },
    name: 'latency',
    description: 'd',
    unit: 's',
    type: 'histogram',
    temporality: 'CUMULATIVE',
    monotonic: false,
    points: [
      {
        attributes: { a: 1 },
        startTimeUnixNano: 1n,
        timeUnixNano: 2n,
        exemplars: [],
        count: 3,
        sum: 1.5,
        bucketCounts: [1, 2],
        explicitBounds: [0.5],
      },
    ],
  },
];

test('an exported trace is the same when it is imported', () => {
  const file = [...traceFile(spans, logs)].join('');
  expect(readTraceFile(Buffer.from(file))).toEqual({ spans, logs, metrics: [] });
});

test('lines of exports are read, as the file exporter of the collector writes them', () => {
  const file = otlpRequests({ spans, logs, metrics }).map(({ body }) => body);
  expect(readTraceFile(Buffer.from(`${file.join('\n')}\n`))).toEqual({ spans, logs, metrics });
});

test('what is written reads as an export', () => {
  for (const { signal, body } of otlpRequests({ spans, logs, metrics })) {
    expect(readTelemetry(signal, 'json', Buffer.from(body))).toMatchObject({ rejectedSpans: 0 });
  }
});

test('the JSON of Jaeger', () => {
  const jaeger = {
    data: [
      {
        traceID: TRACE_ID,
        processes: { p1: { serviceName: 'shop', tags: [{ key: 'host.name', type: 'string', value: 'box' }] } },
        spans: [
          {
            traceID: TRACE_ID.replace(/^0+/, ''),
            spanID: '1',
            operationName: 'GET /',
            references: [],
            startTime: 1_700_000_000_000_000,
            duration: 1_500,
            processID: 'p1',
            tags: [
              { key: 'span.kind', type: 'string', value: 'server' },
              { key: 'error', type: 'bool', value: true },
              { key: 'otel.status_description', type: 'string', value: 'boom' },
              { key: 'http.response.status_code', type: 'int64', value: 500 },
            ],
            logs: [
              {
                timestamp: 1_700_000_000_000_500,
                fields: [
                  { key: 'event', type: 'string', value: 'exception' },
                  { key: 'exception.type', type: 'string', value: 'E' },
                ],
              },
            ],
          },
          {
            traceID: TRACE_ID,
            spanID: '2',
            operationName: 'job',
            references: [
              { refType: 'CHILD_OF', traceID: TRACE_ID, spanID: '1' },
              { refType: 'FOLLOWS_FROM', traceID: 'abc', spanID: '9' },
            ],
            startTime: 1_700_000_000_000_100,
            duration: 1,
            processID: '__proto__',
          },
        ],
      },
    ],
  };
  const { spans: read } = readTraceFile(Buffer.from(JSON.stringify(jaeger)));
  expect(read).toMatchObject([
    {
      traceId: TRACE_ID,
      spanId: spanId('1'),
      parentSpanId: '',
      name: 'GET /',
      kind: 'SERVER',
      service: 'shop',
      resource: { 'service.name': 'shop', 'host.name': 'box' },
      startTimeUnixNano: 1_700_000_000_000_000_000n,
      endTimeUnixNano: 1_700_000_000_001_500_000n,
      attributes: { 'http.response.status_code': 500 },
      status: { code: 'ERROR', message: 'boom' },
      events: [{ name: 'exception', attributes: { 'exception.type': 'E' } }],
    },
    {
      spanId: spanId('2'),
      parentSpanId: spanId('1'),
      kind: 'UNSPECIFIED',
      service: '',
      links: [{ traceId: 'abc'.padStart(32, '0'), spanId: spanId('9') }],
    },
  ]);
});

test.each([
  ['', 'it is not JSON'],
  ['nonsense', 'it is not JSON'],
  ['[1]', 'it is not JSON'],
  ['{"resourceSpans":[]}\n{"resourceSpans":', 'line 2 is not a JSON object'],
  ['{"resourceSpans":{}}', 'resourceSpans is not a list'],
  ['{"data":[{"spans":[{"startTime":1.5}]}]}', 'startTime is not a whole number'],
  [`${'['.repeat(100_000)}`, 'values nested deeper than 200'],
  [`{"data":[${'{},'.repeat(1_000_000)}{}]}`, 'more than 2000000 values'],
])('%.30s is refused in words', (text, message) => {
  const read = () => readTraceFile(Buffer.from(text));
  if (text === '') expect(read()).toEqual({ spans: [], logs: [], metrics: [] });
  else expect(read).toThrow(message);
});

test('values of attributes nest only so deep', () => {
  let value: object = { stringValue: 'x' };
  for (let depth = 0; depth < 60; depth++) value = { arrayValue: { values: [value] } };
  const span = { traceId: TRACE_ID, spanId: spanId('1'), attributes: [{ key: 'deep', value }] };
  const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
  expect(() => readTraceFile(Buffer.from(body))).toThrow('values nested deeper than 32');
});
