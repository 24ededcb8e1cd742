// The tracer behind every span of the process: it does what the SDK's does (sdk-trace 2.12,
// Tracer.ts) at a lower cost. A child of a sampled local span is sampled under all usual samplers,
// so they are not asked, and need not be given copies of attributes and links.
import {
  type Attributes,
  type Context,
  context,
  INVALID_SPAN_CONTEXT,
  INVALID_SPANID,
  INVALID_TRACEID,
  type Link,
  type Span,
  type SpanContext,
  SpanKind,
  type SpanOptions,
  TraceFlags,
  type Tracer,
  type TraceState,
  trace,
} from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { type Sampler, SamplingDecision } from '@opentelemetry/sdk-trace';
import { isList, kindOf, nameOf, propertyOf, reportMisuse } from '../../context/api-misuse.js';
import { withoutRecordedMark, withRecordedMark } from '../../context/recorded-mark.js';
import { joinRecording, recordingOf, type TraceRecording } from '../../context/trace-recording.js';
import { validTraceState } from '../../context/trace-state.js';
import { RANDOM_FLAG } from '../../context/traceparent.js';
import { usableContext } from '../../context/usable-context.js';
import { ATTR_EVENT_LOOP_BLOCKED } from '../../diagnose/names.js';
import type { BlockedTime } from './blocked-time.js';
import { CompletedSpan, type SpanShape } from './completed-span.js';
import { constantsOf, isWithin } from './constant-attributes.js';
import { inheritedState, withoutThreshold } from './probability.js';
import { RecordedSpan } from './recorded-span.js';
import type { SamplingRule } from './sampler.js';
import { SamplingForesight } from './sampling-foresight.js';
import { copySpanContext } from './span-context.js';
import { eachAttribute, legalArguments } from './span-limits.js';
import type { SpanHost } from './span-start.js';
import { isTimeGiven, readingOf } from './span-time.js';
import { countUnsampledParent } from './unsampled-parents.js';

export interface TracerParts extends SpanHost {
  readonly sampler: Sampler;
  /** How the sampler decides; undefined for a sampler of the app's own, which is asked. */
  readonly rule: SamplingRule | undefined;
  /**
   * Whether every recorded span is started as an object, because a processor wants to see it before
   * its end.
   */
  readonly startsAll: boolean;
  /** Takes the spans that the sampler does not; undefined when it is off. */
  readonly recorder?: SpanRecorder | undefined;
}

/** The flight recorder, as tracers see it. */
export interface SpanRecorder {
  /** The recording for a span that is not sampled; undefined where it is not recorded either. */
  recordingFor(traceId: string, parent: SpanContext | undefined): TraceRecording | undefined;
}

/** How many attributes of its own a completed span may have. */
const MOST_OWN = 2;

const NO_OPTIONS: SpanOptions = {};
const NO_ATTRIBUTES: Attributes = {};
Object.freeze(NO_ATTRIBUTES);
const NO_LINKS: Link[] = [];

export class RecordingTracer implements Tracer {
  readonly #parts: TracerParts;
  readonly #foresight: SamplingForesight;

  constructor(parts: TracerParts) {
    this.#parts = parts;
    this.#foresight = new SamplingForesight(parts.rule, parts.recorder !== undefined);
  }

  startSpan(name: string, options: SpanOptions = NO_OPTIONS, given: Context = context.active()): Span {
    try {
      return this.#start(typeof name === 'string' ? name : nameOf('Tracer.startSpan', name), options, given);
    } catch {
      return this.#startAnyway(name, options, given);
    }
  }

  #start(name: string, options: SpanOptions, given: Context): Span {
    const parentContext = options.root === true ? trace.deleteSpan(given) : given;
    if (isTracingSuppressed(parentContext)) return trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
    const parent = parentOf(trace.getSpan(parentContext));
    const isSampled = parent === undefined ? this.#foresight.ofRoot : this.#foresight.below(parent);
    if (isSampled === undefined) return this.#ask(name, options, parentContext, parent);
    const spanContext = this.childOf(parent, isSampled);
    if (isSampled) return this.open(name, options, parentContext, parent, spanContext);
    this.#parts.counts.dropped(parent);
    return trace.wrapSpanContext(spanContext);
  }

  /** Starts a span from the readable part of the arguments. */
  #startAnyway(name: string, options: SpanOptions, given: Context): Span {
    reportMisuse('Tracer.startSpan', 'options or context that cannot be used');
    try {
      return this.#start(nameOf('Tracer.startSpan', name), readableOptions(options), usableContext(given, context.active()));
    } catch {
      return trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
    }
  }

  /**
   * Returns whether a span below `parent`, or one without a parent, will be made; undefined when it
   * has to be started to find out, or to be seen by processors.
   */
  foresee(parent: SpanContext | undefined): boolean | undefined {
    const isSampled = parent === undefined ? this.#foresight.ofRoot : this.#foresight.below(parent);
    return isSampled === true && this.#parts.startsAll ? undefined : isSampled;
  }

  /** The context of a new span below `parent`, or of one that begins a trace. */
  childOf(parent: SpanContext | undefined, isSampled: boolean): SpanContext {
    const { idGenerator } = this.#parts;
    const traceId = parent?.traceId ?? idGenerator.generateTraceId();
    const inherited = parent?.isRemote === true ? this.#stateBelow(parent, isSampled) : parent?.traceState;
    const ofParent = recordingOf(parent);
    const recording = isSampled ? ofParent : undefined;
    // Below a span whose trace has left the flight recorder, nothing waits for a later process.
    const traceState = ofParent === recording ? inherited : withoutRecordedMark(inherited);
    const sampled = isSampled && recording === undefined ? TraceFlags.SAMPLED : TraceFlags.NONE;
    const traceFlags = sampled | this.#randomFlag(parent);
    const spanContext: SpanContext = { traceId, spanId: idGenerator.generateSpanId(), traceFlags };
    if (traceState !== undefined) spanContext.traceState = traceState;
    if (recording !== undefined) joinRecording(spanContext, recording);
    return spanContext;
  }

  /**
   * Starts a span whose sampling was foreseen, under the context that `childOf` has made for it.
   */
  open(name: string, options: SpanOptions, parentContext: Context, parent: SpanContext | undefined, spanContext: SpanContext): Span {
    return this.#record(name, options, options.attributes, parentContext, parent, spanContext);
  }

  startActiveSpan<F extends (span: Span) => unknown>(name: string, fn: F): ReturnType<F>;
  startActiveSpan<F extends (span: Span) => unknown>(name: string, options: SpanOptions, fn: F): ReturnType<F>;
  startActiveSpan<F extends (span: Span) => unknown>(name: string, options: SpanOptions, given: Context, fn: F): ReturnType<F>;
  startActiveSpan<F extends (span: Span) => ReturnType<F>>(
    name: string,
    second: F | SpanOptions,
    third?: F | Context,
    fourth?: F,
  ): ReturnType<F> | undefined {
    const fn = typeof second === 'function' ? second : typeof third === 'function' ? third : fourth;
    if (typeof fn !== 'function') {
      reportMisuse('Tracer.startActiveSpan', `the function is ${kindOf(fn)}`);
      return undefined;
    }
    const active = context.active();
    const parentContext = third === undefined || typeof third === 'function' ? active : usableContext(third, active);
    const span = this.startSpan(name, typeof second === 'function' ? NO_OPTIONS : (second ?? NO_OPTIONS), parentContext);
    return context.with(trace.setSpan(parentContext, span), fn, undefined, span);
  }

  /**
   * Records a span of what is over, below a sampled span of this process. Processors are told of
   * its end only. False when it has to be started in the usual way: the sampler has to be asked, a
   * processor wants to see open spans, or a limit is in the way.
   * @param startMs in milliseconds of the epoch
   * @param own numbers besides the attributes of the shape, at most two
   * @param spanId where it has been told already
   */
  complete(shape: SpanShape, parent: SpanContext, startMs: number, durationMs: number, spanId?: string, own?: Attributes): boolean {
    const { blockedTime, counts, limits, processor } = this.#parts;
    if (parent.isRemote === true || this.foresee(parent) !== true) return false;
    const blocked = blockedTime === undefined ? 0 : blockedWithin(blockedTime, startMs, durationMs);
    const attributes = blocked === 0 ? own : { ...own, [ATTR_EVENT_LOOP_BLOCKED]: blocked };
    if (!isWithin(shape.constants, limits, (own === undefined ? 0 : MOST_OWN) + (blocked === 0 ? 0 : 1))) return false;
    counts.completed(parent);
    processor.onEnd(new CompletedSpan(this.#parts, shape, attributes, parent, spanId, startMs, durationMs));
    return true;
  }

  /** Asks the sampler. */
  #ask(name: string, options: SpanOptions, parentContext: Context, parent: SpanContext | undefined): Span {
    const { idGenerator, recorder, rule, sampler } = this.#parts;
    const traceId = parent?.traceId ?? idGenerator.generateTraceId();
    const kind = spanKindOf(options);
    const { links: given = NO_LINKS } = options;
    // Ours look at neither, and add none.
    const usual = rule === undefined ? undefined : { attributes: options.attributes ?? NO_ATTRIBUTES, links: given };
    const { attributes, links } = usual ?? legalArguments(options.attributes, given);
    const result = sampler.shouldSample(parentContext, traceId, name, kind, attributes, links);
    const sampled = result.decision === SamplingDecision.RECORD_AND_SAMPLED ? TraceFlags.SAMPLED : TraceFlags.NONE;
    const traceFlags = sampled | this.#randomFlag(parent);
    const spanContext: SpanContext = { traceId, spanId: idGenerator.generateSpanId(), traceFlags };
    const traceState = result.traceState === undefined ? parent?.traceState : validTraceState(result.traceState);
    if (traceState !== undefined) spanContext.traceState = sampled === TraceFlags.SAMPLED ? traceState : withoutThreshold(traceState);
    if (result.decision === SamplingDecision.NOT_RECORD) {
      const recording = recorder?.recordingFor(traceId, parent);
      if (recording === undefined) {
        if (parent?.isRemote === true && (parent.traceFlags & TraceFlags.SAMPLED) === 0) countUnsampledParent();
        this.#parts.counts.dropped(parent);
        return trace.wrapSpanContext(spanContext);
      }
      spanContext.traceState = withRecordedMark(spanContext.traceState);
      joinRecording(spanContext, recording);
    }
    const all = result.attributes === undefined ? attributes : { ...attributes, ...result.attributes };
    return this.#record(name, options, all, parentContext, parent, spanContext);
  }

  /** The trace state below a remote parent, whose threshold counts where its decision does. */
  #stateBelow(parent: SpanContext, isSampled: boolean): TraceState | undefined {
    if (parent.traceState === undefined) return undefined;
    return isSampled && this.#parts.rule?.isParentBased === true ? inheritedState(parent) : withoutThreshold(parent.traceState);
  }

  /** Whether the trace id is random: the parent says so, or it was made just now. */
  #randomFlag(parent: SpanContext | undefined): number {
    if (parent !== undefined) return parent.traceFlags & RANDOM_FLAG;
    return this.#parts.idGenerator.isLastRandom === true ? RANDOM_FLAG : 0;
  }

  #record(
    name: string,
    options: SpanOptions,
    attributes: Attributes | undefined,
    parentContext: Context,
    parent: SpanContext | undefined,
    spanContext: SpanContext,
  ): Span {
    const { links, startTime } = options;
    const kind = spanKindOf(options);
    const constants = constantsOf(options, attributes, this.#parts.limits);
    const own = constants === undefined ? attributes : undefined;
    this.#parts.counts.opened(parent, spanContext);
    const span = new RecordedSpan(this.#parts, { name, kind, spanContext, parent, constants, attributes: own, links, startTime });
    this.#parts.processor.onStart(span, parentContext);
    return span;
  }
}

function blockedWithin(blockedTime: BlockedTime, startMs: number, durationMs: number): number {
  const from = readingOf(startMs);
  return blockedTime.within(from, from + durationMs);
}

/** The context of a parent, unless that is not valid. Ours always is. Never throws. */
export function parentOf(span: Span | undefined): SpanContext | undefined {
  if (span === undefined) return undefined;
  try {
    if (span instanceof RecordedSpan) return span.spanContext();
    const spanContext = copySpanContext(span.spanContext());
    // The copy has ids of the right form; `isSpanContextValid` would look at each digit once more.
    return spanContext === undefined || spanContext.traceId === INVALID_TRACEID || spanContext.spanId === INVALID_SPANID
      ? undefined
      : spanContext;
  } catch {
    return undefined;
  }
}

function spanKindOf({ kind }: SpanOptions): SpanKind {
  return isSpanKind(kind) ? kind : SpanKind.INTERNAL;
}

function isSpanKind(kind: unknown): kind is SpanKind {
  return typeof kind === 'number' && SpanKind[kind] !== undefined;
}

/** A copy of what can be read of options that throw when they are looked at, or are none. */
function readableOptions(options: SpanOptions): SpanOptions {
  const [kind, startTime, links] = ['kind', 'startTime', 'links'].map((name) => propertyOf(options, name));
  const attributes: Attributes = {};
  eachAttribute(propertyOf(options, 'attributes'), (key, value) => {
    attributes[key] = value;
  });
  return {
    attributes,
    root: propertyOf(options, 'root') === true,
    ...(isSpanKind(kind) ? { kind } : {}),
    ...(isTimeGiven(startTime) ? { startTime } : {}),
    ...(isList<Link>(links) ? { links } : {}),
  };
}
