// A span that is made when its operation has ended, with little more than an id and times of its
// own. For the many operations that succeed it is less than half as large as a span that is
// started, and costs nothing at the start.
import { type Attributes, type HrTime, type Link, type SpanContext, type SpanKind, TraceFlags } from '@opentelemetry/api';
import { addHrTimes, type InstrumentationScope, millisToHrTime } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan, TimedEvent } from '@opentelemetry/sdk-trace';
import { RANDOM_FLAG } from '../../context/traceparent.js';
import type { ConstantAttributes } from './constant-attributes.js';
import { NO_EVENTS, NO_LINKS, type SpanHost, UNSET } from './span-start.js';

/** Name, kind and constant attributes that many spans share: made once. */
export class SpanShape {
  readonly name: string;
  readonly kind: SpanKind;
  readonly constants: ConstantAttributes;
  /** Whether the encoder has written it. */
  isWritten = false;
  /** All of it in protobuf; filled in by the encoder. */
  encoded: Uint8Array | undefined = undefined;

  constructor(name: string, kind: SpanKind, constants: ConstantAttributes) {
    this.name = name;
    this.kind = kind;
    this.constants = constants;
  }
}

export class CompletedSpan implements ReadableSpan {
  readonly parentSpanContext: SpanContext;
  /** Milliseconds since the epoch. */
  readonly startMs: number;
  readonly durationMs: number;
  readonly shape: SpanShape;
  /** Attributes besides those of the shape. */
  readonly own: Attributes | undefined;
  readonly host: SpanHost;
  #spanId: string | undefined;

  /** @param spanId where it has been told already */
  constructor(
    host: SpanHost,
    shape: SpanShape,
    own: Attributes | undefined,
    parent: SpanContext,
    spanId: string | undefined,
    startMs: number,
    durationMs: number,
  ) {
    this.host = host;
    this.shape = shape;
    this.own = own;
    this.parentSpanContext = parent;
    this.#spanId = spanId;
    this.startMs = startMs;
    this.durationMs = durationMs;
  }

  /** Made when somebody asks for it: most spans that are recorded are dropped without. */
  get spanId(): string {
    this.#spanId ??= this.host.idGenerator.generateSpanId();
    return this.#spanId;
  }

  /** Undefined while nobody has asked for it. */
  get knownSpanId(): string | undefined {
    return this.#spanId;
  }

  spanContext(): SpanContext {
    const { traceId, traceState, traceFlags } = this.parentSpanContext;
    const spanContext: SpanContext = { traceId, spanId: this.spanId, traceFlags: TraceFlags.SAMPLED | (traceFlags & RANDOM_FLAG) };
    if (traceState !== undefined) spanContext.traceState = traceState;
    return spanContext;
  }

  get name(): string {
    return this.shape.name;
  }

  get kind(): SpanKind {
    return this.shape.kind;
  }

  get attributes(): Attributes {
    const { values } = this.shape.constants;
    return this.own === undefined ? values : { ...values, ...this.own };
  }

  get startTime(): HrTime {
    return millisToHrTime(this.startMs);
  }

  get endTime(): HrTime {
    return addHrTimes(this.startTime, this.duration);
  }

  get duration(): HrTime {
    return millisToHrTime(this.durationMs);
  }

  get ended(): boolean {
    return true;
  }

  get status(): ReadableSpan['status'] {
    return UNSET;
  }

  get events(): TimedEvent[] {
    return NO_EVENTS;
  }

  get links(): Link[] {
    return NO_LINKS;
  }

  get droppedAttributesCount(): number {
    return 0;
  }

  get droppedEventsCount(): number {
    return 0;
  }

  get droppedLinksCount(): number {
    return 0;
  }

  get resource(): Resource {
    return this.host.resource;
  }

  get instrumentationScope(): InstrumentationScope {
    return this.host.scope;
  }
}
