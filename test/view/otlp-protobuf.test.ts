import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeProtobuf } from '../../src/view/otlp-protobuf.js';
import { readTelemetry } from '../../src/view/otlp-telemetry.js';

function realExport(): Buffer {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const span = provider.getTracer('test').startSpan('POST', { attributes: { text: 'x'.repeat(200), list: ['a', 'b'], number: 1.5 } });
  span.addEvent('event', { n: 1 }).end();
  return Buffer.from(ProtobufTraceSerializer.serializeRequest(exporter.getFinishedSpans()) ?? []);
}

test('a message cut off anywhere is refused or holds less; it never reads on', () => {
  const whole = realExport();
  for (let length = 0; length < whole.length; length++) {
    const cut = whole.subarray(0, length);
    if (length === 0) expect(readTelemetry('traces', 'protobuf', cut).spans).toEqual([]);
    else expect(() => readTelemetry('traces', 'protobuf', cut)).toThrow(RangeError);
  }
});

test('bytes changed at will end in telemetry or in an error, in bounded time', () => {
  const whole = realExport();
  const change = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(change, (changes) => {
      const changed = Buffer.from(whole);
      for (const [at, byte] of changes) changed[at] = byte;
      try {
        readTelemetry('traces', 'protobuf', changed);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('unknown fields of every wire type are skipped', () => {
  // Fields 100-103: a varint, 8 bytes, a string, 4 bytes. Then field 1, an empty ResourceSpans.
  const bytes = [0xa0, 0x06, 0x96, 0x01, 0xa9, 0x06, 1, 2, 3, 4, 5, 6, 7, 8, 0xb2, 0x06, 2, 65, 66, 0xbd, 0x06, 1, 2, 3, 4, 0x0a, 0x00];
  expect(decodeProtobuf('traces', Buffer.from(bytes))).toEqual({ resourceSpans: [{}] });
});

test('an attribute nested without end is refused', () => {
  let value: Buffer = Buffer.from([0x10, 0x01]);
  const wrap = (tag: number, inner: Buffer): Buffer => {
    const length = [];
    for (let rest = inner.length; ; rest >>>= 7) {
      if (rest < 0x80) {
        length.push(rest);
        break;
      }
      length.push((rest & 0x7f) | 0x80);
    }
    return Buffer.concat([Buffer.from([tag, ...length]), inner]);
  };
  // ArrayValue in AnyValue in ArrayValue …, as the body of a log record: field 5 of field 2 of field 2 of field 1.
  for (let depth = 0; depth < 5_000; depth++) value = wrap(0x2a, wrap(0x0a, value));
  const request = wrap(0x0a, wrap(0x12, wrap(0x12, wrap(0x2a, value))));
  expect(() => readTelemetry('logs', 'protobuf', request)).toThrow('messages nested deeper than 64');
});

test('JSON nested without end is refused', () => {
  const nested = `${'{"arrayValue":{"values":['.repeat(50_000)}{"boolValue":true}${']}}'.repeat(50_000)}`;
  const body = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":${nested}}]}]}]}`;
  expect(() => readTelemetry('logs', 'json', Buffer.from(body))).toThrow();
});

test('packed and unpacked numbers read the same', () => {
  // A histogram point's bucket_counts (field 6, fixed64): once packed, once one by one; in Metric.histogram (9) of field 2 of field 2 of field 1.
  const eight = (value: number) => [value, 0, 0, 0, 0, 0, 0, 0];
  const inMetric = (point: number[]): Buffer => {
    const nest = (tag: number, inner: number[]) => [tag, inner.length, ...inner];
    return Buffer.from(nest(0x0a, nest(0x12, nest(0x12, nest(0x4a, nest(0x0a, point))))));
  };
  const packed = readTelemetry('metrics', 'protobuf', inMetric([0x32, 16, ...eight(1), ...eight(2)]));
  const single = readTelemetry('metrics', 'protobuf', inMetric([0x31, ...eight(1), 0x31, ...eight(2)]));
  expect(packed.metrics[0]?.points[0]?.bucketCounts).toEqual([1, 2]);
  expect(single).toEqual(packed);
});

test('the attribute __proto__ is an attribute like any other', () => {
  const attributes = [{ key: '__proto__', value: { kvlistValue: { values: [{ key: 'polluted', value: { boolValue: true } }] } } }];
  const body = JSON.stringify({
    resourceSpans: [{ resource: { attributes }, scopeSpans: [{ spans: [{ traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8) }] }] }],
  });
  const [span] = readTelemetry('traces', 'json', Buffer.from(body)).spans;
  expect(Object.keys(span?.resource ?? {})).toEqual(['__proto__']);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

test('integers that a number cannot hold are kept as text', () => {
  const attributes = [{ key: 'big', value: { intValue: '9223372036854775807' } }];
  const body = JSON.stringify({
    resourceSpans: [{ resource: { attributes }, scopeSpans: [{ spans: [{ traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8) }] }] }],
  });
  expect(readTelemetry('traces', 'json', Buffer.from(body)).spans[0]?.resource).toEqual({ big: '9223372036854775807' });
});
