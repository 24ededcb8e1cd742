// The caller of an observed operation: whether its context wants a span, and whether that span can
// be made when the call has ended. The calls of one request follow one another, so the answer is
// kept for the last context.
import { type Context, INVALID_TRACEID, type Span, type SpanContext, TraceFlags, type Tracer, trace } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { type CommandTally, TalliedContext, tallyOf } from '../context/command-tally.js';
import { parentOf, type RecordingTracer } from '../sdk/trace/tracer.js';
import { OwnTracer } from '../sdk/trace/tracer-provider.js';

/** Gives the tracer of an integration, which the SDK may replace. */
export interface TracerSource {
  tracer(): Tracer;
  /** Name and version of the tracer's instrumentation scope. */
  readonly scopeName: string;
  readonly scopeVersion: string;
}

/**
 * A span that needs no object before its end, because its sampling decision is known beforehand.
 */
export interface DeferredSpan {
  readonly tracer: RecordingTracer;
  readonly parent: SpanContext;
  readonly isSampled: boolean;
}

export interface Caller {
  readonly context: Context;
  /** Counts calls in the place of spans. */
  readonly tally: CommandTally | undefined;
  readonly wantsSpan: boolean;
  /** A sampled span of this process: the exemplar of what is measured. */
  readonly sampledParent: SpanContext | undefined;
  /**
   * Undefined where a span has to be started in the usual way: the sampler wants to be asked, or
   * the SDK's tracers are in use.
   */
  readonly deferred: DeferredSpan | undefined;
}

export class Callers {
  readonly #source: TracerSource;
  readonly #requireParent: boolean;
  readonly #ownTracer = new OwnTracer();
  #own: RecordingTracer | undefined;
  #last: Caller | undefined;
  /**
   * BullMQ's own commands come between those of the app; all commands of a worker's loop have one
   * context.
   */
  #lastOfTally: Caller | undefined;

  constructor(source: TracerSource, requireParent: boolean) {
    this.#source = source;
    this.#requireParent = requireParent;
  }

  of(context: Context): Caller {
    if (context instanceof TalliedContext) return this.#ofTally(context);
    const own = this.#ownTracer.behind(this.#source.tracer(), this.#source.scopeName, this.#source.scopeVersion);
    if (this.#last?.context === context && own === this.#own) return this.#last;
    const span = trace.getSpan(context);
    const parent = parentOf(span);
    const isLocal = parent !== undefined && parent.isRemote !== true;
    const tally = tallyOf(context);
    const caller = {
      context,
      tally,
      wantsSpan: tally === undefined && wantsSpan(context, this.#requireParent, span),
      sampledParent: isLocal && (parent.traceFlags & TraceFlags.SAMPLED) !== 0 ? parent : undefined,
      deferred: isLocal && own !== undefined ? defer(own, parent) : undefined,
    };
    // A span that is recorded but not sampled changes its answer when it ends.
    const isSettled = caller.sampledParent !== undefined || span?.isRecording() !== true;
    this.#last = isSettled ? caller : undefined;
    this.#own = own;
    return caller;
  }

  #ofTally(context: TalliedContext): Caller {
    if (this.#lastOfTally?.context === context) return this.#lastOfTally;
    this.#lastOfTally = { context, tally: context, wantsSpan: false, sampledParent: undefined, deferred: undefined };
    return this.#lastOfTally;
  }
}

function defer(tracer: RecordingTracer, parent: SpanContext): DeferredSpan | undefined {
  const isSampled = tracer.foresee(parent);
  return isSampled === undefined ? undefined : { tracer, parent, isSampled };
}

/**
 * Whether a call in `active` gets a span. Below an unsampled span of this process it would not be
 * sampled either (samplers decide by the trace id or by the parent), so the work of asking is
 * saved; a parent in another process is asked about.
 */
export function wantsSpan(active: Context, requireParent: boolean, parent: Span | undefined = trace.getSpan(active)): boolean {
  const spanContext = parent?.spanContext();
  if (parent === undefined || spanContext === undefined || spanContext.traceId === INVALID_TRACEID) {
    return !requireParent && !isTracingSuppressed(active);
  }
  if ((spanContext.traceFlags & TraceFlags.SAMPLED) === 0 && spanContext.isRemote !== true && !parent.isRecording()) return false;
  return !isTracingSuppressed(active);
}
