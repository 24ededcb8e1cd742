// The mark of the flight recorder in the trace state of others.
import { createTraceState } from '@opentelemetry/api';
import { expect, test } from 'vitest';
import { withRecordedMark } from '../../src/context/recorded-mark.js';

test('is put before the others', () => {
  expect(withRecordedMark(createTraceState('a=1,b=2')).serialize()).toBe('sietch=r,a=1,b=2');
  expect(withRecordedMark(undefined).serialize()).toBe('sietch=r');
});

test('does not make a trace state so long that who reads it drops all of it', () => {
  const text = `a=${'1'.repeat(250)},b=${'2'.repeat(250)}`;
  expect(withRecordedMark(createTraceState(text)).serialize()).toBe(text);
});
