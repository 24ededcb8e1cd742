// The flight recorder in one process: what waits, what is sent and when, and what it counts.
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api';
import { TraceState } from '@opentelemetry/core';
import { expect, test } from 'vitest';
import { randomTraceId } from '../../../src/context/random-id.js';
import { keepTrace, keepTraceById, onTraceKept, recordingOf } from '../../../src/context/trace-recording.js';
import { attributesOf, isCompleted, isSampled, remote, runRecorder } from './recorder-run.ts';

/** Milliseconds of the epoch. */
const BASE = 1_790_000_000_000;
const FAILED = { code: SpanStatusCode.ERROR };

test('a trace that succeeds is not sent, and falls out when it has rested long enough', () => {
  const { start, complete, exported, recorder } = runRecorder();
  const root = start('POST', undefined, SpanKind.SERVER);
  expect(root.isRecording()).toBe(true);
  expect(isSampled(root.spanContext())).toBe(false);
  start('child', root).end();
  expect(complete('get', root)).toBe(true);
  root.end();
  expect(recorder.ring.size).toBe(1);
  recorder.ring.sweep(performance.now() + 29_000);
  expect(recorder.ring.size).toBe(1);
  recorder.ring.sweep(performance.now() + 30_001);
  expect(recorder.ring.size).toBe(0);
  expect(recorder.ring.bytes).toBe(0);
  expect(recorder.ring.losses).toEqual({ fallen_out: 1, evicted: 0, process_end: 0 });
  expect(exported).toEqual([]);
});

/*
 * root                    ──────────────────────── sietch.keep.reason=error
 * ├─ before               ──
 * ├─ get (made at its end)   ─
 * ├─ failing                  ──── ERROR
 * ├─ open                    ─────────
 * ├─ after                           ──
 * └─ get after                          ─
 */
test('a span that fails sends all of the trace, and what comes later of it', () => {
  const { start, complete, exported, names } = runRecorder();
  const root = start('root');
  start('before', root).end();
  complete('get', root);
  const open = start('open', root);
  const failing = start('failing', root);
  expect(exported).toEqual([]);
  failing.setStatus(FAILED).end();
  expect(names()).toEqual(['before', 'get', 'failing']);
  expect(isSampled(root.spanContext())).toBe(true);
  expect(isSampled(open.spanContext())).toBe(true);
  const after = start('after', root);
  expect(isSampled(after.spanContext())).toBe(true);
  after.end();
  open.end();
  complete('get after', root);
  root.end();
  expect(names()).toEqual(['before', 'get', 'failing', 'after', 'open', 'get after', 'root']);
  expect(exported.filter((span) => !isSampled(span.spanContext()))).toEqual([]);
  expect(exported.filter(isCompleted)).toHaveLength(2);
  expect(attributesOf(exported, 'root')).toEqual({ 'sietch.keep.reason': 'error' });
  expect(attributesOf(exported, 'failing')).toEqual({});
});

test('the reason stands on the first span also when that has ended', () => {
  const { start, exported } = runRecorder();
  const root = start('root');
  root.setAttribute('own', 1);
  root.end();
  const late = start('late', root);
  keepTrace(late.spanContext(), 'app', 'because');
  expect(attributesOf(exported, 'root')).toEqual({ own: 1, 'sietch.keep.reason': 'app', 'sietch.keep.why': 'because' });
});

test('a trace that head sampling keeps is not recorded, and is sent once', () => {
  const { start, recorder, names } = runRecorder({ share: 1 });
  const root = start('root');
  expect(recordingOf(root.spanContext())).toBeUndefined();
  start('failing', root).setStatus(FAILED).end();
  root.end();
  expect(names()).toEqual(['failing', 'root']);
  expect(recorder.counts.recorded).toBe(0);
});

test('what comes later of the same trace by a message is part of it, before and after it is kept', () => {
  const { start, names, recorder } = runRecorder();
  const { traceId } = start('send').spanContext();
  const first = start('process 1', remote(traceId));
  expect(recorder.counts.recorded).toBe(1);
  first.setStatus(FAILED).end();
  const second = start('process 2', remote(traceId));
  expect(isSampled(second.spanContext())).toBe(true);
  second.end();
  expect(names()).toEqual(['process 1', 'process 2']);
});

test('a caller that was kept keeps what is here', () => {
  const { start, names, exported } = runRecorder();
  const root = start('request');
  const { traceId } = root.spanContext();
  root.end();
  start('called back', remote(traceId, TraceFlags.SAMPLED)).end();
  expect(names()).toEqual(['request', 'called back']);
  expect(attributesOf(exported, 'request')).toEqual({ 'sietch.keep.reason': 'downstream' });
});

test('is found by its id while it is here', () => {
  const { start, names, recorder } = runRecorder();
  const root = start('root');
  root.end();
  expect(keepTraceById(randomTraceId(), 'downstream')).toBe(false);
  expect(keepTraceById(root.spanContext().traceId, 'downstream')).toBe(true);
  expect(names()).toEqual(['root']);
  const gone = start('gone');
  gone.end();
  recorder.ring.sweep(performance.now() + 30_001);
  expect(keepTraceById(gone.spanContext().traceId, 'downstream')).toBe(false);
});

test('listeners are told once of each trace that is kept', () => {
  const { start } = runRecorder();
  const kept: unknown[] = [];
  const end = onTraceKept(({ traceId, reason, root }) => kept.push([traceId, reason, root.spanId]));
  const root = start('root');
  const { traceId, spanId } = root.spanContext();
  keepTrace(root.spanContext(), 'retry');
  keepTrace(root.spanContext(), 'app');
  root.setStatus(FAILED).end();
  end();
  expect(kept).toEqual([[traceId, 'retry', spanId]]);
});

test('a copy of its context belongs to it', () => {
  const { start, names } = runRecorder();
  const root = start('root');
  const copy = trace.wrapSpanContext({ ...root.spanContext() });
  const child = start('child', copy);
  expect(child.isRecording()).toBe(true);
  child.setStatus(FAILED).end();
  expect(names()).toEqual(['child']);
  expect(isSampled(root.spanContext())).toBe(true);
});

test('when it is too large the one that has rested longest goes, then the oldest that is open', () => {
  const { start, complete, recorder } = runRecorder({ bytes: 65_536, spans: 10_000 });
  const open = start('open');
  const resting = start('resting');
  resting.end();
  const others = start('others');
  for (let i = 0; i < 5000 && recordingOf(open.spanContext())?.state === 'recorded'; i++) {
    complete('get', others);
    if (recorder.ring.losses.evicted === 1) expect(recordingOf(resting.spanContext())?.state).toBe('over');
    expect(recorder.ring.bytes).toBeLessThanOrEqual(65_536);
  }
  expect(recordingOf(open.spanContext())?.state).toBe('over');
  expect(recordingOf(others.spanContext())?.state).toBe('recorded');
  expect(recorder.ring.losses.evicted).toBe(2);
  expect(start('below', open).isRecording()).toBe(false);
});

test('below a trace that has left the ring no span says that one waits', () => {
  const { start, recorder } = runRecorder();
  const root = start('root');
  expect(start('below', root).spanContext().traceState?.serialize()).toBe('sietch=r');
  recorder.ring.clear();
  expect(start('below', root).spanContext().traceState).toBeUndefined();
  const { traceId } = root.spanContext();
  const traceState = new TraceState('vendor=1,sietch=r');
  const other = start(
    'other',
    trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId: '00000000000000a1', traceFlags: 0, isRemote: true, traceState }),
  );
  recorder.ring.clear();
  expect(start('below', other).spanContext().traceState?.serialize()).toBe('vendor=1');
});

test('a reason that comes after a trace was evicted is counted, once', () => {
  const { start, complete, names, recorder } = runRecorder({ bytes: 65_536, spans: 10_000 });
  const root = start('root');
  while (complete('get', root)) {}
  start('other');
  root.setStatus(FAILED).end();
  keepTrace(root.spanContext(), 'error');
  expect(names()).toEqual([]);
  expect(recorder.counts.refusals.get('error')).toEqual(new Map([['too_late', 1]]));
});

test('spans over the bound are dropped and counted; one that fails is sent all the same', () => {
  const { start, complete, names, exported } = runRecorder({ spans: 3 });
  const root = start('root');
  complete('1', root);
  complete('2', root);
  complete('3', root);
  start('4', root).end();
  start('failing', root).setStatus(FAILED).end();
  complete('after', root);
  root.end();
  expect(names()).toEqual(['1', '2', 'failing', 'after', 'root']);
  expect(attributesOf(exported, 'root')).toEqual({ 'sietch.keep.reason': 'error', 'sietch.keep.dropped_spans': 2 });
});

test('each reason and name has its limit; what is over it is counted and not sent', () => {
  const { start, names, recorder } = runRecorder({ perMinute: 2 });
  for (const name of ['a', 'a', 'a', 'b']) start(name).setStatus(FAILED).end();
  expect(names()).toEqual(['a', 'a', 'b']);
  const limited = start('a');
  keepTrace(limited.spanContext(), 'retry');
  limited.end();
  expect(names()).toEqual(['a', 'a', 'b', 'a']);
  expect(recorder.counts.byReason).toEqual(
    new Map([
      ['error', 3],
      ['retry', 1],
    ]),
  );
  expect(recorder.counts.refusals.get('error')).toEqual(new Map([['rate_limit', 1]]));
});

test('with full export queues nothing is kept: it would not arrive whole', () => {
  const { start, names, recorder } = runRecorder({ isFull: () => true });
  start('root').setStatus(FAILED).end();
  expect(names()).toEqual([]);
  expect(recorder.counts.refusals.get('error')).toEqual(new Map([['queue_full', 1]]));
});

test('what comes in and takes longer than the threshold is slow', () => {
  const { tracer, names } = runRecorder({ slow: '100' });
  const run = (name: string, kind: SpanKind, ms: number) => tracer.startSpan(name, { kind, startTime: BASE }, ROOT_CONTEXT).end(BASE + ms);
  run('fast', SpanKind.SERVER, 99);
  run('slow', SpanKind.SERVER, 100);
  run('slow job', SpanKind.CONSUMER, 5000);
  run('slow call', SpanKind.CLIENT, 5000);
  expect(names()).toEqual(['slow', 'slow job']);
});

test('by default, slow is what is over the 99th percentile of its name, ten times a minute at most', () => {
  const { tracer, names, exported } = runRecorder({ slow: 'adaptive' });
  const run = (name: string, ms: number) => tracer.startSpan(name, { kind: SpanKind.SERVER, startTime: BASE }, ROOT_CONTEXT).end(BASE + ms);
  run('first', 60_000);
  for (let i = 0; i < 1000; i++) run('fast', 1 + (i % 10));
  for (let i = 0; i < 1000; i++) run('slow', 1000 + (i % 100));
  expect(names()).toEqual([]);
  run('fast', 500);
  run('slow', 500);
  expect(names()).toEqual(['fast']);
  expect(exported[0]?.attributes).toEqual({ 'sietch.keep.reason': 'slow' });
  for (let i = 0; i < 15; i++) run('fast', 700);
  expect(names()).toHaveLength(10);
});

test('what waits at the end of the process is counted', async () => {
  const { start, recorder, names } = runRecorder();
  start('root').end();
  start('open');
  await recorder.shutdown();
  expect(recorder.ring.losses.process_end).toBe(2);
  expect(recorder.ring.size).toBe(0);
  expect(start('later').isRecording()).toBe(false);
  expect(names()).toEqual([]);
});
