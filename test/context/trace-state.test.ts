// The trace state: valid at all times, whoever has made it. What headers are valid is in w3c-trace-context.test.ts.
import { createTraceState, defaultTextMapSetter, ROOT_CONTEXT, type TraceState, trace } from '@opentelemetry/api';
import { TraceState as SdkTraceState } from '@opentelemetry/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TraceContextPropagator } from '../../src/context/trace-context-propagator.js';
import { parseTraceState, validTraceState } from '../../src/context/trace-state.js';
import { copySpanContext } from '../../src/sdk/trace/span-context.js';

const spanContext = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 };

function stateOf(text: string): TraceState {
  const state = parseTraceState(text);
  if (state === undefined) throw new Error(`${text} is not valid`);
  return state;
}

function injected(traceState: TraceState): string | undefined {
  const carrier: Record<string, string> = {};
  new TraceContextPropagator().inject(trace.setSpanContext(ROOT_CONTEXT, { ...spanContext, traceState }), carrier, defaultTextMapSetter);
  expect(carrier['traceparent']).toBeDefined();
  return carrier['tracestate'];
}

describe('W3C TraceContext: TraceState', () => {
  test('get', () => {
    const state = stateOf('a=1,b@c=two words,ab=3');
    expect(['a', 'b@c', 'ab', 'b', 'c', 'words', ''].map((key) => state.get(key))).toEqual([
      '1',
      'two words',
      '3',
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('a new member comes first', () => {
    expect(stateOf('a=1,b=2').set('c', '3').serialize()).toBe('c=3,a=1,b=2');
  });

  test('a changed member comes first', () => {
    expect(stateOf('a=1,b=2').set('b', '3').serialize()).toBe('b=3,a=1');
  });

  test('a member is taken out, the others stay', () => {
    const state = stateOf('a=1,b=2,c=3');
    expect(state.unset('b').serialize()).toBe('a=1,c=3');
    expect(state.unset('a').unset('b').unset('c').serialize()).toBe('');
    expect(state.unset('d')).toBe(state);
    expect(state.serialize()).toBe('a=1,b=2,c=3');
  });

  test.each([
    ['A', '1'],
    ['a b', '1'],
    ['', '1'],
    ['k'.repeat(257), '1'],
    ['a', ''],
    ['a', 'x,y=1'],
    ['a', 'x=1'],
    ['a', 'ends with a space '],
    ['a', 'é'],
    ['a', 'line\nbreak'],
    ['a', 'v'.repeat(257)],
  ])('a key or value that is not valid changes nothing: %j %j', (key, value) => {
    const state = stateOf('a=0,b=2');
    expect(state.set(key, value)).toBe(state);
  });

  test('the 33rd member takes the place of the last', () => {
    const members = Array.from({ length: 32 }, (_, at) => `m${at}=1`);
    expect(stateOf(members.join(',')).set('new', '1').serialize()).toBe(['new=1', ...members.slice(0, 31)].join(','));
  });

  test('of more than 512 characters members over 128 go first, then those at the end', () => {
    const [long, longer] = [`a=${'1'.repeat(200)}`, `b=${'2'.repeat(200)}`];
    expect(stateOf(`${long},${longer},c=3`).set('d', '4'.repeat(200)).serialize()).toBe(`d=${'4'.repeat(200)},${long},c=3`);
    const short = Array.from({ length: 10 }, (_, at) => `m${at}=${'5'.repeat(60)}`);
    expect(parseTraceState(short.join(','))?.serialize()).toBe(short.slice(0, 8).join(','));
    const longest = `${'k'.repeat(256)}=${'v'.repeat(256)}`;
    expect(parseTraceState(longest)).toBeUndefined();
    expect(parseTraceState(`${longest},a=1`)?.serialize()).toBe('a=1');
  });

  test('any text is read as something valid or nothing, and what is valid stays as it is', () => {
    const texts = fc.array(fc.constantFrom('a', 'b@c', 'A', '=', '=', ',', ',', ' ', '\t', '1', 'é', '"', '\\', 'k'.repeat(200)), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(texts, (parts) => {
        const text = parseTraceState(parts.join(''))?.serialize();
        if (text === undefined) return;
        expect(text.length).toBeLessThanOrEqual(512);
        for (const member of text.split(',')) expect(member).toMatch(/^[a-z0-9][a-z0-9_\-*/@]{0,255}=[ -+\--<>-~]{0,255}[!-+\--<>-~]$/);
        expect(parseTraceState(text)?.serialize()).toBe(text);
      }),
    );
  });

  test('a header of many blanks or members is read in no time that counts', () => {
    expect(parseTraceState(`a=1${' \t'.repeat(8000)}b`)).toBeUndefined();
    expect(parseTraceState(','.repeat(16_000))).toBeUndefined();
    expect(parseTraceState(`a=1,${' '.repeat(100_000)}`)).toBeUndefined();
  });
});

describe('W3C TraceContext: a TraceState of other code', () => {
  test.each([
    ['of the API', createTraceState('a=1,b=2')],
    ['of the SDK', new SdkTraceState('a=1,b=2')],
    [
      'of an object of its own',
      { get: () => undefined, set: () => stateOf('c=3'), unset: () => stateOf('c=3'), serialize: () => 'a=1, b=2' },
    ],
  ])('%s is taken over', (_whose, traceState) => {
    expect(injected(traceState)).toBe('a=1,b=2');
    const copy = copySpanContext({ ...spanContext, traceState })?.traceState;
    expect(copy?.serialize()).toBe('a=1,b=2');
    expect(copy?.set('@', '1')).toBe(copy);
  });

  test.each([
    ['holds what is not valid', () => 'a=1,B=2'],
    ['holds nothing', () => ''],
    ['gives no text', () => 5],
    [
      'throws',
      () => {
        throw new Error('serialize');
      },
    ],
  ])('%s: the span context is used without it', (_what, serialize) => {
    const traceState = new SdkTraceState('a=1');
    Reflect.set(traceState, 'serialize', serialize);
    expect(injected(traceState)).toBeUndefined();
    expect(copySpanContext({ ...spanContext, traceState })).toEqual(spanContext);
  });

  test('ours is taken as it is', () => {
    const state = stateOf('a=1');
    expect(validTraceState(state)).toBe(state);
    expect(validTraceState(undefined)).toBeUndefined();
  });
});
