// The caller of an observed operation: whether its context wants a span, and whether that span can
// be made when the call has ended. The calls of one request follow one another, so the answer is
// kept for the last context.
import { type Context, INVALID_TRACEID, type Span, type SpanContext, TraceFlags, type Tracer, trace } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { type CommandTally, TalliedContext, tallyOf } from '../context/command-tally.js';
import { recordingOf, type TraceRecording } from '../context/trace-recording.js';
import { parentOf, type RecordingTracer } from '../sdk/trace/tracer.js';
import { OwnTracer } from '../sdk/trace/tracer-provider.js';

/** Gives the tracer of an integration, which the SDK may replace. */
export interface TracerSource {
  tracer(): Tracer;
  /** Name and version of the tracer's instrumentation scope. */
  readonly scopeName: string;
  readonly scopeVersion: string;
}

/** Which operations without a parent get a span: those that failed or were slow, all, none. */
export type RootSpans = 'errors' | 'all' | 'off';

/** A span that needs no object before its end. */
export type DeferredSpan = ForeseenSpan | LateRootSpan;

/** A span whose sampling decision is known beforehand. */
export interface ForeseenSpan {
  readonly tracer: RecordingTracer;
  /** Undefined where the span is made only if its operation has failed or was slow. */
  readonly parent: SpanContext | undefined;
  readonly isSampled: boolean;
}

/**
 * A span without a parent for which the sampler is asked when its operation has failed or was slow.
 */
interface LateRootSpan {
  readonly tracer: Tracer;
  readonly parent: undefined;
  readonly isSampled: undefined;
}

export interface Caller {
  readonly context: Context;
  /** Counts calls in the place of spans. */
  readonly tally: CommandTally | undefined;
  /** Whatever comes of it. */
  readonly wantsSpan: boolean;
  /** Which operations of this context get a span; undefined where they have a parent. */
  readonly root: RootSpans | undefined;
  /** A sampled span of this process: the exemplar of what is measured. */
  readonly sampledParent: SpanContext | undefined;
  /**
   * Undefined where a span has to be started in the usual way: the sampler wants to be asked, or
   * the SDK's tracers are in use.
   */
  readonly deferred: DeferredSpan | undefined;
  /** The recording that it is part of: the rest is true as long as its state is what it was. */
  readonly recording: TraceRecording | undefined;
}

export class Callers {
  readonly #source: TracerSource;
  readonly #rootSpans: RootSpans;
  readonly #ownTracer = new OwnTracer();
  #own: RecordingTracer | undefined;
  #last: Caller | undefined;
  #lastState: TraceRecording['state'] | undefined;

  constructor(source: TracerSource, rootSpans: RootSpans) {
    this.#source = source;
    this.#rootSpans = rootSpans;
  }

  of(context: Context): Caller {
    if (context instanceof TalliedContext) return context;
    const own = this.#ownTracer.behind(this.#source.tracer(), this.#source.scopeName, this.#source.scopeVersion);
    if (this.#last?.context === context && own === this.#own && this.#last.recording?.state === this.#lastState) return this.#last;
    const span = trace.getSpan(context);
    const parent = parentOf(span);
    const recording = recordingOf(parent);
    const isLocal = parent !== undefined && parent.isRemote !== true;
    const tally = tallyOf(context);
    const isRoot = parent === undefined && tally === undefined && !isTracingSuppressed(context);
    const caller = {
      context,
      tally,
      wantsSpan: tally === undefined && wantsSpan(context, this.#rootSpans !== 'all', span),
      root: isRoot ? this.#rootSpans : undefined,
      sampledParent: isLocal && (parent.traceFlags & TraceFlags.SAMPLED) !== 0 ? parent : undefined,
      deferred: isRoot ? this.#deferRoot(own) : isLocal && own !== undefined ? defer(own, parent) : undefined,
      recording,
    };
    // A span that a sampler of the app records but does not sample changes its answer when it ends.
    const isSettled = caller.sampledParent !== undefined || recording !== undefined || span?.isRecording() !== true;
    this.#last = isSettled ? caller : undefined;
    this.#lastState = recording?.state;
    this.#own = own;
    return caller;
  }

  #deferRoot(own: RecordingTracer | undefined): DeferredSpan | undefined {
    if (this.#rootSpans !== 'errors') return undefined;
    const isSampled = own?.foresee(undefined);
    if (own === undefined || isSampled === undefined) return { tracer: this.#source.tracer(), parent: undefined, isSampled: undefined };
    return { tracer: own, parent: undefined, isSampled };
  }
}

function defer(tracer: RecordingTracer, parent: SpanContext): DeferredSpan | undefined {
  const isSampled = tracer.foresee(parent);
  return isSampled === undefined ? undefined : { tracer, parent, isSampled };
}

/**
 * Whether a call in `active` gets a span. Below an unsampled span of this process it would not be
 * sampled either (samplers decide by the trace id or by the parent), so the work of asking is
 * saved; a parent in another process is asked about, and a trace in the flight recorder has spans.
 */
export function wantsSpan(active: Context, requireParent: boolean, parent: Span | undefined = trace.getSpan(active)): boolean {
  const spanContext = parent?.spanContext();
  if (parent === undefined || spanContext === undefined || spanContext.traceId === INVALID_TRACEID) {
    return !requireParent && !isTracingSuppressed(active);
  }
  if ((spanContext.traceFlags & TraceFlags.SAMPLED) === 0 && spanContext.isRemote !== true && !parent.isRecording()) {
    const recording = recordingOf(spanContext);
    if (recording === undefined || recording.state === 'over') return false;
  }
  return !isTracingSuppressed(active);
}
