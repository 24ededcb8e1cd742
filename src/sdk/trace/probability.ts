// Consistent probability sampling, as OpenTelemetry's specification has it ("TraceState: Probability
// Sampling", in development in 2026): a trace is sampled when its randomness reaches a threshold,
// and the trace state carries the threshold, from which a backend counts what was left out.
import type { SpanContext, TraceState } from '@opentelemetry/api';
import { NO_MEMBERS } from '../../context/trace-state.js';

/** Both are 56 bits, in hexadecimal digits: they compare as texts. */
const DIGITS = 14;
const MAX = 2 ** (4 * DIGITS);
/** Digits of a threshold after the leading `f`s: enough to tell probabilities that people write. */
const PRECISION = 4;

const VENDOR = 'ot';
const RANDOMNESS = /(?:^|;)rv:([\da-f]{14})(?:;|$)/;
const THRESHOLD = /(?:^|;)th:([\da-f]{1,14})(?:;|$)/;

/** The threshold for a share of the traces, 14 digits; undefined for none of them. */
export function thresholdOf(share: number): string | undefined {
  const rejected = Math.round((1 - share) * MAX);
  if (rejected >= MAX) return undefined;
  const exact = BigInt(rejected);
  const ones = /^f*/.exec(digitsOf(exact))?.[0].length ?? 0;
  const unit = 16n ** BigInt(Math.max(0, DIGITS - ones - PRECISION));
  const rounded = ((exact + unit / 2n) / unit) * unit;
  return digitsOf(rounded >= BigInt(MAX) ? exact : rounded);
}

/** What is compared with a threshold: the trace state's own value, or the end of the trace id. */
export function randomnessOf(traceId: string, traceState: TraceState | undefined): string {
  const explicit = traceState === undefined ? undefined : RANDOMNESS.exec(traceState.get(VENDOR) ?? '')?.[1];
  return explicit ?? traceId.slice(-DIGITS);
}

/** The threshold that a trace state carries, 14 digits. */
export function thresholdIn(traceState: TraceState | undefined): string | undefined {
  return traceState === undefined ? undefined : THRESHOLD.exec(traceState.get(VENDOR) ?? '')?.[1]?.padEnd(DIGITS, '0');
}

export function withThreshold(traceState: TraceState | undefined, threshold: string): TraceState {
  const others = membersOf(traceState);
  const value = [`th:${threshold.replace(/0+$/, '') || '0'}`, ...others].join(';');
  return (traceState ?? NO_MEMBERS).set(VENDOR, value);
}

/**
 * The trace state of a span that is sampled because its parent is. A threshold by which the parent
 * would not have been sampled is taken out: it counts wrongly.
 */
export function inheritedState({ traceId, traceState }: SpanContext): TraceState | undefined {
  const threshold = thresholdIn(traceState);
  if (traceState === undefined || threshold === undefined) return traceState;
  return randomnessOf(traceId, traceState) >= threshold ? traceState : withoutThreshold(traceState);
}

/** For a span of which nobody knows with which probability it was chosen. */
export function withoutThreshold(traceState: TraceState): TraceState {
  const value = traceState.get(VENDOR);
  if (value === undefined || !/(?:^|;)th:/.test(value)) return traceState;
  const others = membersOf(traceState);
  return others.length === 0 ? traceState.unset(VENDOR) : traceState.set(VENDOR, others.join(';'));
}

/** Those of OpenTelemetry's entry besides the threshold. */
function membersOf(traceState: TraceState | undefined): string[] {
  const value = traceState?.get(VENDOR) ?? '';
  return value.split(';').filter((member) => member !== '' && !member.startsWith('th:'));
}

function digitsOf(value: bigint): string {
  return value.toString(16).padStart(DIGITS, '0');
}
