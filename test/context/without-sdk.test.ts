// The facade in a process where nobody has started an SDK. Each test file runs in a process of its own.
import { inspect } from 'node:util';
import { context, trace } from '@opentelemetry/api';
import { expect, test } from 'vitest';
import { getTraceHeaders, getTraceLogFields, injectTraceHeaders, TraceContext } from '../../src/index.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN_ID = '00f067aa0ba902b7';
const TRACEPARENT = `00-${TRACE_ID}-${SPAN_ID}-01`;

test('outside of a trace there is nothing', () => {
  expect(TraceContext.current()).toMatchObject({ traceId: undefined, spanId: undefined, sampled: false, correlationId: undefined });
  expect(getTraceLogFields()).toEqual({});
  expect(getTraceHeaders()).toEqual({});
  expect(injectTraceHeaders({ accept: '*/*' })).toEqual({ accept: '*/*' });
});

test('a printed context says what it is', () => {
  const given = TraceContext.fromHeaders({ traceparent: TRACEPARENT });
  expect(JSON.parse(JSON.stringify(given))).toEqual({ traceId: TRACE_ID, spanId: SPAN_ID, sampled: true });
  expect(inspect(given)).toBe(inspect({ traceId: TRACE_ID, spanId: SPAN_ID, sampled: true }));
  expect(JSON.stringify(TraceContext.current())).toBe('{"sampled":false}');
});

test('a new trace stays active across calls, and ends with run()', async () => {
  const created = TraceContext.create();
  const seen = await created.run(async () => {
    await new Promise((resolve) => setImmediate(resolve));
    return TraceContext.current();
  });
  expect(created.traceId).toMatch(/^[\da-f]{32}$/);
  expect(created.spanId).toMatch(/^[\da-f]{16}$/);
  expect(seen.traceId).toBe(created.traceId);
  expect(seen.logFields()).toEqual({ trace_id: created.traceId, span_id: created.spanId, trace_flags: '00' });
  expect(TraceContext.current().traceId).toBeUndefined();
});

test('run() gives back what the function returns, and throws what it throws', () => {
  expect(TraceContext.create().run(() => 7)).toBe(7);
  expect(() =>
    TraceContext.create().run(() => {
      throw new RangeError('x');
    }),
  ).toThrow(RangeError);
});

test('traceparent: the ids of the caller, and its header is passed on unchanged', () => {
  const incoming = TraceContext.fromHeaders({ traceparent: TRACEPARENT, 'x-trace-id': 'f'.repeat(32) });
  expect(incoming).toMatchObject({ traceId: TRACE_ID, spanId: SPAN_ID, sampled: true, correlationId: undefined });
  expect(incoming.run(getTraceHeaders)).toEqual({ traceparent: TRACEPARENT, 'x-trace-id': TRACE_ID });
});

test('x-trace-id: the trace id of the caller, a span id of our own, no traceparent of a span that nobody records', () => {
  const incoming = TraceContext.fromHeaders({ 'X-Trace-Id': TRACE_ID.toUpperCase() });
  expect(incoming.traceId).toBe(TRACE_ID);
  expect(incoming.spanId).toMatch(/^[\da-f]{16}$/);
  expect(incoming.run(getTraceHeaders)).toEqual({ 'x-trace-id': TRACE_ID });
});

test('a correlation id goes to the log fields and to called services', () => {
  const incoming = TraceContext.fromHeaders(new Headers({ 'x-trace-id': 'order-12' }));
  expect(incoming.traceId).toMatch(/^[\da-f]{32}$/);
  expect(incoming.correlationId).toBe('order-12');
  expect(incoming.run(getTraceLogFields)).toMatchObject({ trace_id: incoming.traceId, correlation_id: 'order-12' });
  const headers = incoming.run(getTraceHeaders);
  expect(headers).toEqual({ 'x-trace-id': incoming.traceId, baggage: 'sietch.correlation_id=order-12' });
  expect(TraceContext.fromHeaders(headers)).toMatchObject({ traceId: incoming.traceId, correlationId: 'order-12' });
});

test('a correlation id in baggage is held to the same rules', () => {
  expect(TraceContext.fromHeaders({ baggage: 'sietch.correlation_id=a%0Ab' }).correlationId).toBeUndefined();
  expect(TraceContext.fromHeaders({ baggage: 'sietch.correlation_id=order-12' }).correlationId).toBe('order-12');
});

test('headers are written to plain objects, Headers and requests', () => {
  const written: [string, string][] = [];
  const request = { setHeader: (name: string, value: string) => written.push([name, value]) };
  TraceContext.fromHeaders({ traceparent: TRACEPARENT }).run(() => {
    const plain = { accept: '*/*' };
    expect(injectTraceHeaders(plain)).toBe(plain);
    expect(plain).toEqual({ accept: '*/*', traceparent: TRACEPARENT, 'x-trace-id': TRACE_ID });
    expect([...injectTraceHeaders(new Headers())]).toEqual([
      ['traceparent', TRACEPARENT],
      ['x-trace-id', TRACE_ID],
    ]);
    injectTraceHeaders(request);
    expect(injectTraceHeaders()).toEqual({ traceparent: TRACEPARENT, 'x-trace-id': TRACE_ID });
  });
  expect(written).toEqual([
    ['traceparent', TRACEPARENT],
    ['x-trace-id', TRACE_ID],
  ]);
});

test.each([['text'], [7], [null], [['a', 'b']]])('%j is no place for headers', (value) => {
  // @ts-expect-error what JavaScript callers may do
  expect(() => injectTraceHeaders(value)).toThrow(/^Expected `headers` to be an object, Headers or a request, got /);
});

test('a span context made active by others is the current one', () => {
  const spanContext = { traceId: TRACE_ID, spanId: SPAN_ID, traceFlags: 1 };
  context.with(trace.setSpanContext(context.active(), spanContext), () => {
    expect(TraceContext.current()).toMatchObject({ traceId: TRACE_ID, spanId: SPAN_ID, sampled: true });
  });
});
