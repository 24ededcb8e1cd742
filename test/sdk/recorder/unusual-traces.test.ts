// The flight recorder beside what is unusual: traces without an end, spans without room, what apps
// do to their spans.
import {
  context,
  createContextKey,
  INVALID_SPAN_CONTEXT,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { afterEach, expect, test, vi } from 'vitest';
import { TraceContext } from '../../../src/context/trace-context.js';
import { keepForLog, keepTrace, recordingOf } from '../../../src/context/trace-recording.js';
import { endOpenSpans } from '../../../src/sdk/recorder/open-spans.js';
import { attributesOf, isSampled, runRecorder } from './recorder-run.ts';

const FAILED = { code: SpanStatusCode.ERROR };

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  context.disable();
});

test('a span that has found no room and gives the reason says that it is sampled: exporters take no other', () => {
  const { start, names, exported } = runRecorder({ spans: 2 });
  const root = start('root');
  start('1', root).end();
  start('failing', root).setStatus(FAILED).end();
  root.end();
  expect(names()).toEqual(['1', 'failing', 'root']);
  expect(exported.filter((span) => !isSampled(span.spanContext()))).toEqual([]);
});

test('spans that find no room take none: a long trace does not push the others out', () => {
  const { start, complete, recorder } = runRecorder({ bytes: 65_536, spans: 10 });
  const resting = start('resting');
  resting.end();
  const long = start('long');
  for (let i = 0; i < 1000; i++) {
    start('started', long).end();
    complete('get', long);
  }
  expect(recordingOf(resting.spanContext())?.state).toBe('recorded');
  expect(recorder.ring.losses.evicted).toBe(0);
});

test('traces that never end give way to those that rest, after ten minutes', () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const { start, recorder } = runRecorder({ bytes: 65_536 });
  while (recorder.ring.bytes < 60_000) start('never ended');
  vi.advanceTimersByTime(600_001);
  for (let i = 0; i < 50; i++) start('request').end();
  const last = start('request');
  last.end();
  for (let i = 0; i < 40; i++) start('request').end();
  expect(recordingOf(last.spanContext())?.state).toBe('recorded');
});

test('a span that cannot be started leaves no trace that is open for ever', () => {
  const { tracer, recorder } = runRecorder();
  const options = {
    get startTime(): number {
      throw new Error('no');
    },
  };
  tracer.startSpan('unreadable', options).end();
  recorder.ring.sweep(performance.now() + 30_001);
  expect(recorder.ring.size).toBe(0);
  expect(recorder.ring.bytes).toBe(0);
});

/*
 * root     ────────────── kept for an error line
 * └─ later     ───────── is open when an error ends the process
 */
test('an error that ends the process ends also what was started after the trace was kept', () => {
  const { start, names } = runRecorder();
  const root = start('root');
  keepTrace(root.spanContext(), 'log_error');
  start('over', root).end();
  start('later', root);
  endOpenSpans(root.spanContext());
  expect(names()).toEqual(['over', 'later', 'root']);
});

test('a limit that bites below an open root counts for the name that it ends with', () => {
  const { start, exported, recorder } = runRecorder({ perMinute: 2 });
  const request = (route: string) => {
    const root = start('GET', undefined, SpanKind.SERVER);
    start('query', root).setStatus(FAILED).end();
    root.updateName(`GET ${route}`).setStatus(FAILED).end();
  };
  for (let i = 0; i < 10; i++) request('/out');
  request('/other');
  const roots = exported.filter(({ kind }) => kind === SpanKind.SERVER).map(({ name }) => name);
  expect(roots).toEqual(['GET /out', 'GET /out', 'GET /out', 'GET /out', 'GET /other']);
  expect(recorder.counts.refusals.get('error')).toEqual(new Map([['rate_limit', 6]]));
});

test('a limited reason below a root that succeeds is asked for once more, and counted', () => {
  const { start, recorder } = runRecorder({ perMinute: 1 });
  for (let i = 0; i < 3; i++) {
    const root = start('GET');
    start('query', root).setStatus(FAILED).end();
    start('query', root).setStatus(FAILED).end();
    root.end();
  }
  expect(recorder.counts.byReason.get('error')).toBe(1);
  expect(recorder.counts.refusals.get('error')).toEqual(new Map([['rate_limit', 2]]));
});

test('a span context that the app has frozen throws nothing into the app', () => {
  const { start } = runRecorder();
  const root = start('root');
  Object.freeze(root.spanContext());
  expect(() => start('failing', root).setStatus(FAILED).end()).not.toThrow();
  expect(() => root.end()).not.toThrow();
});

const fail = () => {
  throw new Error('no');
};

// Under a context manager of the app's own: ours lets none of them be active.
test.each<[string, () => unknown]>([
  ['of ids that are no texts', () => ({ traceId: 7, spanId: {}, traceFlags: 1 })],
  ['without ids', () => ({})],
  ['that is null', () => null],
  ['that throws when it is looked at', () => new Proxy({}, { get: fail })],
  ['that cannot be asked for', fail],
])('a span context %s keeps nothing, and throws nothing into the app', (_, spanContext) => {
  const { start, names } = runRecorder();
  context.setGlobalContextManager(new AsyncLocalStorageContextManager());
  start('waits').end();
  const span: Span = Object.create(trace.wrapSpanContext(INVALID_SPAN_CONTEXT), { spanContext: { value: spanContext } });
  const active = trace.setSpan(ROOT_CONTEXT, span);
  expect(() => keepForLog(active)).not.toThrow();
  expect(() => context.with(active, () => TraceContext.current().keep('why'))).not.toThrow();
  expect(names()).toEqual([]);
});

test('a processor of the app that ends spans as they start has each sent once', () => {
  const { start, names } = runRecorder({ ofApp: { onStart: (span) => void (span.name === 'open' && span.end()) } });
  const root = start('root');
  start('open', root);
  start('failing', root).setStatus(FAILED).end();
  root.end();
  expect(names()).toEqual(['open', 'failing', 'root']);
});

test('a processor of the app takes out what must not be sent before a span ends, though it waits', () => {
  const { start, exported } = runRecorder({ ofApp: { onEnding: (span) => void span.setAttribute('card', 'removed') } });
  const root = start('root');
  start('payment', root).setAttribute('card', '4111').end();
  start('failing', root).setStatus(FAILED).end();
  expect(attributesOf(exported, 'payment')).toEqual({ card: 'removed' });
});

test('what clones a span context deeply does not follow the recording into the ring: lodash and others copy tagged objects as they are', () => {
  const root = runRecorder().start('root');
  expect(Object.prototype.toString.call(recordingOf(root.spanContext()))).toBe('[object TraceRecording]');
});

test('the timer of the ring does not hold the request in which it began', () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const { start } = runRecorder();
  const request = ROOT_CONTEXT.setValue(createContextKey('request'), {});
  const contexts: unknown[] = [];
  const { setTimeout: original } = globalThis;
  vi.spyOn(globalThis, 'setTimeout').mockImplementation((run, ms) => {
    contexts.push(context.active());
    return original(run, ms);
  });
  context.with(request, () => start('root'));
  expect(contexts).toEqual([ROOT_CONTEXT]);
});
