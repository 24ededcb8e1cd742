// The member `sietch=r` of `tracestate`: the process that sent it holds its half of the trace in its
// flight recorder, and can send it still when a later process tells it to.
import { type SpanContext, TraceFlags, type TraceState } from '@opentelemetry/api';
import { TraceState as SdkTraceState } from '@opentelemetry/core';

const KEY = 'sietch';
const RECORDED = 'r';

/** As text, for where no propagator is used. */
export const RECORDED_MEMBER = `${KEY}=${RECORDED}`;
/** The trace state of a trace that begins here. It cannot be changed, so all have the same. */
export const RECORDED_STATE: TraceState = new SdkTraceState(RECORDED_MEMBER);

/** A longer trace state is dropped by those who read it, with what it holds of others. */
const MAX_LENGTH = 512;

/** The trace state of a span that is recorded: its children take it over, and so do all headers. */
export function withRecordedMark(given: TraceState | undefined): TraceState {
  if (given === undefined) return RECORDED_STATE;
  if (given.get(KEY) === RECORDED) return given;
  const marked = given.set(KEY, RECORDED);
  return marked.serialize().length > MAX_LENGTH ? given : marked;
}

/**
 * Whether the process that `remote` is a span of holds its half, unsent. A sampled one passes a mark
 * on that it was given.
 */
export function isHeldBefore(remote: SpanContext | undefined): boolean {
  const state = remote?.traceState;
  if (state === undefined || (remote?.traceFlags ?? 0) & TraceFlags.SAMPLED) return false;
  return state === RECORDED_STATE || state.get(KEY) === RECORDED;
}
