// Reads and writes `traceparent` (W3C Trace Context level 2).
import { type SpanContext, TraceFlags } from '@opentelemetry/api';
import { withoutBlanks } from './headers.js';

/** The trace id is random, so that others may sample by it. */
export const RANDOM_FLAG = 2;
/** All others are cleared: to pass on a flag that is not understood would claim what it says. */
const KNOWN_FLAGS = TraceFlags.SAMPLED | RANDOM_FLAG;
const FLAGS_TEXT = ['00', '01', '02', '03'];

const TRACEPARENT = /^(?!ff)[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}(?:-|$)/;
/** Version 00 ends there; a later one may go on after a dash. */
const LENGTH = 55;

/** The remote parent that the header names; undefined for a header that breaks a rule. */
export function parseTraceparent(header: string): SpanContext | undefined {
  const text = withoutBlanks(header);
  if (!TRACEPARENT.test(text) || (text.length > LENGTH && text.startsWith('00'))) return undefined;
  const traceFlags = Number.parseInt(text.slice(53, LENGTH), 16) & KNOWN_FLAGS;
  return { traceId: text.slice(3, 35), spanId: text.slice(36, 52), traceFlags, isRemote: true };
}

export function writeTraceparent({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${FLAGS_TEXT[traceFlags & KNOWN_FLAGS] ?? '00'}`;
}
