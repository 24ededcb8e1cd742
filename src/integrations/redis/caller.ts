// What the context of a call decides about its spans and records. The calls of one request follow one another, so it is found once for many.
import { type Context, INVALID_TRACEID, type Span, type SpanContext, TraceFlags, trace } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { type CommandTally, TalliedContext, tallyOf } from '../../context/command-tally.js';
import { parentOf } from '../../sdk/trace/tracer.js';

export interface Caller {
  readonly context: Context;
  /** Takes the place of spans. */
  readonly tally: CommandTally | undefined;
  readonly wantsSpan: boolean;
  /** A sampled span of this process; undefined for others, and when there is none. */
  readonly sampledParent: SpanContext | undefined;
}

export class Callers {
  readonly #requireParent: boolean;
  #last: Caller | undefined;
  /** Of BullMQ's own commands, which come between those of the app. Those of a worker's loop are all of one context. */
  #lastOfTally: Caller | undefined;

  constructor(requireParent: boolean) {
    this.#requireParent = requireParent;
  }

  of(context: Context): Caller {
    if (context instanceof TalliedContext) return this.#ofTally(context);
    if (this.#last?.context === context) return this.#last;
    const span = trace.getSpan(context);
    const tally = tallyOf(context);
    const caller = {
      context,
      tally,
      wantsSpan: tally === undefined && wantsSpan(context, this.#requireParent),
      sampledParent: sampledParentOf(span),
    };
    // A span that is recorded but not sampled changes its answer when it ends.
    if (caller.sampledParent !== undefined || span?.isRecording() !== true) this.#last = caller;
    return caller;
  }

  #ofTally(context: TalliedContext): Caller {
    if (this.#lastOfTally?.context === context) return this.#lastOfTally;
    this.#lastOfTally = { context, tally: context, wantsSpan: false, sampledParent: undefined };
    return this.#lastOfTally;
  }
}

/**
 * Whether a call in `active` gets a span. Below an unsampled span of this process it would not be sampled either (samplers decide by the trace
 * id or by the parent), so the work of asking is saved; a parent in another process is asked about.
 */
export function wantsSpan(active: Context, requireParent: boolean): boolean {
  const parent = trace.getSpan(active);
  const spanContext = parent?.spanContext();
  if (parent === undefined || spanContext === undefined || spanContext.traceId === INVALID_TRACEID) {
    return !requireParent && !isTracingSuppressed(active);
  }
  if ((spanContext.traceFlags & TraceFlags.SAMPLED) === 0 && spanContext.isRemote !== true && !parent.isRecording()) return false;
  return !isTracingSuppressed(active);
}

function sampledParentOf(span: Span | undefined): SpanContext | undefined {
  const parent = parentOf(span);
  return parent === undefined || parent.isRemote === true || (parent.traceFlags & TraceFlags.SAMPLED) === 0 ? undefined : parent;
}
