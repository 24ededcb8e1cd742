// Which trace ids are random, as W3C Trace Context level 2 flags them: those that are made here, also before their first span, and none of a caller.

import { type Context, context, ROOT_CONTEXT } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CallerIdGenerator, planTraceId } from '../../src/context/id-generator.js';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const OTHER = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa';

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});
afterAll(() => context.disable());

/** The trace id of a root span in a context, and whether it is flagged. */
function idIn(ctx: Context, next?: string): [string, boolean] {
  const generator = new CallerIdGenerator();
  if (next !== undefined) generator.setNext(next);
  return [context.with(ctx, () => generator.generateTraceId()), generator.isLastRandom];
}

describe('W3C TraceContext: random flag', () => {
  test('is set on a new trace id', () => {
    expect(idIn(ROOT_CONTEXT)).toEqual([expect.stringMatching(/^[\da-f]{32}$/), true]);
  });

  test('is not set on the id of a caller, also where it waits for its first span', () => {
    expect(idIn(ROOT_CONTEXT, TRACE_ID)).toEqual([TRACE_ID, false]);
    expect(idIn(planTraceId(ROOT_CONTEXT, TRACE_ID, false))).toEqual([TRACE_ID, false]);
  });

  test('is set on an id that was made here before its first span', () => {
    expect(idIn(planTraceId(ROOT_CONTEXT, TRACE_ID, true))).toEqual([TRACE_ID, true]);
  });

  test('is not taken from the context around that of a caller', () => {
    const outer = planTraceId(ROOT_CONTEXT, OTHER, true);
    expect(idIn(planTraceId(outer, TRACE_ID, false))).toEqual([TRACE_ID, false]);
    expect(idIn(outer, TRACE_ID)).toEqual([TRACE_ID, false]);
  });
});
