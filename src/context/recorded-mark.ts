// The member `sietch=r` of `tracestate`: the process that sent it holds its half of the trace in its
// flight recorder, and can send it still when a later process tells it to.
import { type SpanContext, TraceFlags, type TraceState } from '@opentelemetry/api';
import { MAX_LENGTH, ValidTraceState } from './trace-state.js';

const KEY = 'sietch';
const RECORDED = 'r';

/** As text, for where no propagator is used. */
export const RECORDED_MEMBER = `${KEY}=${RECORDED}`;
/** The trace state of a trace that begins here. It cannot be changed, so all have the same. */
export const RECORDED_STATE: TraceState = new ValidTraceState(RECORDED_MEMBER);

/** The trace state of a span that is recorded: its children take it over, and so do all headers. */
export function withRecordedMark(given: TraceState | undefined): TraceState {
  if (given === undefined) return RECORDED_STATE;
  if (given.get(KEY) === RECORDED) return given;
  // Beyond the length the mark would take the place of what others have said.
  const length = given.serialize().length + RECORDED_MEMBER.length + 1;
  return length > MAX_LENGTH ? given : given.set(KEY, RECORDED);
}

/** The trace state of a trace whose half has left the flight recorder, unsent. */
export function withoutRecordedMark(given: TraceState | undefined): TraceState | undefined {
  if (given === undefined || given === RECORDED_STATE) return undefined;
  return given.get(KEY) === RECORDED ? given.unset(KEY) : given;
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
