// The tracer behind every span of the process: the SDK's in what it does (sdk-trace 2.12, Tracer.ts), without what is not needed as a rule. A child of
// a sampled local span is sampled under all usual samplers, so they are not asked, and need not be given copies of attributes and links.
import {
  type Attributes,
  type Context,
  context,
  INVALID_SPAN_CONTEXT,
  isSpanContextValid,
  type Link,
  type Span,
  type SpanContext,
  SpanKind,
  type SpanOptions,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { type IdGenerator, type Sampler, SamplingDecision } from '@opentelemetry/sdk-trace';
import { CompletedSpan, type SpanShape } from './completed-span.js';
import { constantsOf, isWithin } from './constant-attributes.js';
import { RecordedSpan } from './recorded-span.js';
import type { SpanHost } from './span-start.js';

export interface TracerParts extends SpanHost {
  readonly sampler: Sampler;
  readonly idGenerator: IdGenerator;
}

const NO_OPTIONS: SpanOptions = {};
const NO_LINKS: Link[] = [];

export class RecordingTracer implements Tracer {
  readonly #parts: TracerParts;
  readonly #followsSampled: boolean;
  readonly #followsUnsampled: boolean;

  constructor(parts: TracerParts) {
    this.#parts = parts;
    const sampler = parts.sampler.toString();
    this.#followsSampled = sampler.startsWith('ParentBased{') && sampler.includes(', localParentSampled=AlwaysOnSampler,');
    this.#followsUnsampled = sampler.startsWith('ParentBased{') && sampler.includes(', localParentNotSampled=AlwaysOffSampler}');
  }

  startSpan(name: string, options: SpanOptions = NO_OPTIONS, given: Context = context.active()): Span {
    const parentContext = options.root === true ? trace.deleteSpan(given) : given;
    if (isTracingSuppressed(parentContext)) return trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
    const parent = parentOf(trace.getSpan(parentContext));
    if (parent !== undefined && parent.isRemote !== true) {
      const isSampled = (parent.traceFlags & TraceFlags.SAMPLED) !== 0;
      if (isSampled && this.#followsSampled)
        return this.#record(name, options, options.attributes, parentContext, parent, this.#childOf(parent, TraceFlags.SAMPLED));
      if (!isSampled && this.#followsUnsampled) return trace.wrapSpanContext(this.#childOf(parent, TraceFlags.NONE));
    }
    return this.#ask(name, options, parentContext, parent);
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
    if (fn === undefined) return undefined;
    const parentContext = third === undefined || typeof third === 'function' ? context.active() : third;
    const span = this.startSpan(name, typeof second === 'function' ? NO_OPTIONS : second, parentContext);
    return context.with(trace.setSpan(parentContext, span), fn, undefined, span);
  }

  /**
   * Records a span of what is over, below a sampled span of this process. Processors are told of its end only. False when it has to be started in the
   * usual way, because a sampler wants to be asked, or a limit is in the way.
   * @param startMs in milliseconds of the epoch
   */
  complete(shape: SpanShape, parent: SpanContext, startMs: number, durationMs: number): boolean {
    const { idGenerator, limits, processor } = this.#parts;
    if (!this.#followsSampled || !isWithin(shape.constants, limits)) return false;
    processor.onEnd(new CompletedSpan(this.#parts, shape, parent, idGenerator.generateSpanId(), startMs, durationMs));
    return true;
  }

  /** Asks the sampler. */
  #ask(name: string, options: SpanOptions, parentContext: Context, parent: SpanContext | undefined): Span {
    const { idGenerator, sampler } = this.#parts;
    const traceId = parent?.traceId ?? idGenerator.generateTraceId();
    const { kind = SpanKind.INTERNAL, links = NO_LINKS } = options;
    const attributes = { ...options.attributes };
    const result = sampler.shouldSample(parentContext, traceId, name, kind, attributes, links);
    const spanContext: SpanContext = {
      traceId,
      spanId: idGenerator.generateSpanId(),
      traceFlags: result.decision === SamplingDecision.RECORD_AND_SAMPLED ? TraceFlags.SAMPLED : TraceFlags.NONE,
    };
    const traceState = result.traceState ?? parent?.traceState;
    if (traceState !== undefined) spanContext.traceState = traceState;
    if (result.decision === SamplingDecision.NOT_RECORD) return trace.wrapSpanContext(spanContext);
    return this.#record(name, options, Object.assign(attributes, result.attributes), parentContext, parent, spanContext);
  }

  #record(
    name: string,
    options: SpanOptions,
    attributes: Attributes | undefined,
    parentContext: Context,
    parent: SpanContext | undefined,
    spanContext: SpanContext,
  ): Span {
    const { links, startTime, kind = SpanKind.INTERNAL } = options;
    const constants = constantsOf(attributes, this.#parts.limits);
    const own = constants === undefined ? attributes : undefined;
    const span = new RecordedSpan(this.#parts, { name, kind, spanContext, parent, constants, attributes: own, links, startTime });
    this.#parts.processor.onStart(span, parentContext);
    return span;
  }

  #childOf({ traceId, traceState }: SpanContext, traceFlags: number): SpanContext {
    const spanContext: SpanContext = { traceId, spanId: this.#parts.idGenerator.generateSpanId(), traceFlags };
    if (traceState !== undefined) spanContext.traceState = traceState;
    return spanContext;
  }
}

/** The context of a parent, unless that is not valid. Ours always is. */
export function parentOf(span: Span | undefined): SpanContext | undefined {
  if (span === undefined) return undefined;
  const spanContext = span.spanContext();
  return span instanceof RecordedSpan || isSpanContextValid(spanContext) ? spanContext : undefined;
}
