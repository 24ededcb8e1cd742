// The recordings of traces that head sampling has not kept, as the rest of the distribution sees
// them: asks of a span context whether its trace is recorded, and keeps a trace for a reason. The
// flight recorder itself is in sdk/recorder; while it is off, nothing here does anything.
import { type Context, type SpanContext, TraceFlags, trace } from '@opentelemetry/api';
import { propertyOf } from './api-misuse.js';

/**
 * Marks a span context of a recorded trace; children take it over. Shared by all copies of this
 * package, and kept by a copy of the context that is made with `{ ...spanContext }`.
 */
export const RECORDING: unique symbol = Symbol.for('@sietch/otel.recording');

/** Why a trace is kept: the value of `sietch.keep.reason`. */
export type KeepReason =
  | 'error'
  | 'slow'
  | 'slow_query'
  | 'slow_command'
  | 'retry'
  | 'dead_letter'
  | 'stalled'
  | 'circuit_open'
  | 'uncaught'
  | 'log_error'
  | 'app'
  | 'caller'
  | 'downstream';

/** Its caller over HTTP was answered before there was a reason to keep it. */
export const ANSWERED = 1;
/** It has a half behind a queue by which no other process can be told. */
export const UNREACHABLE = 2;

/** One trace that head sampling has not kept, in this process. */
export interface TraceRecording {
  readonly traceId: string;
  /**
   * `recorded`: its spans wait for a reason. `kept`: they are sent, those that come too. `over`: it
   * has fallen out or was evicted, no spans are made any more.
   */
  readonly state: 'recorded' | 'kept' | 'over';
  /** What others note of it, in bits: `ANSWERED`, `UNREACHABLE`. */
  notes: number;
  /**
   * Returns whether the trace is kept now.
   * @param why the app's own words, for the reason `app`
   */
  keep(reason: KeepReason, why?: string): boolean;
}

/** A trace that was just kept in this process. */
export interface KeptTrace {
  readonly traceId: string;
  /** The first span of the trace in this process; its trace state is that of what called it. */
  readonly root: SpanContext;
  readonly reason: KeepReason;
}

export type KeptTraceListener = (kept: KeptTrace) => void;

/** What the flight recorder does for those that have no span context of it. */
export interface TraceKeeper {
  /** The recording of a trace that is in the ring, or was kept in the last minutes. */
  find(traceId: string): TraceRecording | undefined;
}

interface RecordedContext extends SpanContext {
  [RECORDING]?: TraceRecording;
}

let keeper: TraceKeeper | undefined;
const listeners = new Set<KeptTraceListener>();

/** Called by the flight recorder when it starts. */
export function useTraceKeeper(given: TraceKeeper): void {
  keeper = given;
}

/** Whether the flight recorder is on. */
export function isRecorderOn(): boolean {
  return keeper !== undefined;
}

/** The recording that a span context is part of; undefined for a trace that was sampled at its head. */
export function recordingOf(spanContext: RecordedContext | undefined): TraceRecording | undefined {
  return spanContext?.[RECORDING];
}

/** Makes a new span context a part of the recording. It says "sampled" once the trace is kept. */
export function joinRecording(spanContext: RecordedContext, recording: TraceRecording): void {
  spanContext[RECORDING] = recording;
  if (recording.state === 'kept') spanContext.traceFlags |= TraceFlags.SAMPLED;
}

/**
 * Keeps the trace of `spanContext` if it is recorded. A trace that was sampled at its head needs no
 * reason. Never throws for a span context that is none.
 * @param why the app's own words, for the reason `app`
 */
export function keepTrace(spanContext: SpanContext | null | undefined, reason: KeepReason, why?: string): void {
  findRecording(spanContext)?.keep(reason, why);
}

/** The same for the trace of a context. */
export function keepTraceIn(ctx: Context, reason: KeepReason, why?: string): void {
  let spanContext: SpanContext | undefined;
  try {
    spanContext = trace.getSpanContext(ctx);
  } catch {
    return; // A span of the app's own making.
  }
  keepTrace(spanContext, reason, why);
}

/** Keeps the trace of `ctx` if it is recorded: a line of level error, or worse, was logged in it. */
export function keepForLog(ctx: Context): void {
  if (keeper !== undefined) keepTraceIn(ctx, 'log_error');
}

/** A span context of the app's own making may lack ids, or throw when it is looked at. */
function findRecording(spanContext: SpanContext | null | undefined): TraceRecording | undefined {
  const traceId = propertyOf(spanContext, 'traceId');
  if (typeof traceId !== 'string') return undefined;
  return recordingOf(spanContext ?? undefined) ?? keeper?.find(traceId);
}

/** Returns whether the trace was here: false when it has fallen out of the ring or never was in it. */
export function keepTraceById(traceId: string, reason: KeepReason): boolean {
  return keeper?.find(traceId)?.keep(reason) === true;
}

/** Calls `listener` for each trace that is kept from now on. Returns what ends that. */
export function onTraceKept(listener: KeptTraceListener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Called by the flight recorder, when the spans of the trace are on their way. */
export function notifyTraceKept(kept: KeptTrace): void {
  for (const listener of listeners) listener(kept);
}
