// The parts of a span: those that its tracer shares, those it is started with, and the defaults of
// a span without options.
import {
  type Attributes,
  type HrTime,
  type Link,
  type SpanContext,
  type SpanKind,
  type SpanStatus,
  SpanStatusCode,
  type TimeInput,
} from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import type { IdGenerator, SpanProcessor, TimedEvent } from '@opentelemetry/sdk-trace';
import type { BlockedTime } from './blocked-time.js';
import type { ConstantAttributes } from './constant-attributes.js';
import type { SpanCounts } from './span-counts.js';
import type { SpanLimits } from './span-limits.js';

/** Scope, resource, limits, id generator, processor, counts and blocked time, shared by all spans of a tracer. */
export interface SpanHost {
  readonly scope: InstrumentationScope;
  readonly resource: Resource;
  readonly limits: SpanLimits;
  readonly idGenerator: IdGenerator & { readonly isLastRandom?: boolean };
  readonly processor: SpanProcessor;
  readonly counts: SpanCounts;
  /** Undefined when spans do not tell of blocks of the event loop. */
  readonly blockedTime: BlockedTime | undefined;
}

/** The arguments that a span is started with. */
export interface SpanStart {
  readonly name: string;
  readonly kind: SpanKind;
  readonly spanContext: SpanContext;
  readonly parent: SpanContext | undefined;
  /** Come first; `attributes` are added to them. */
  readonly constants: ConstantAttributes | undefined;
  readonly attributes: Attributes | undefined;
  readonly links: readonly Link[] | undefined;
  readonly startTime: TimeInput | undefined;
}

/** The parts of a span that has ended. */
export interface EndedSpan extends Pick<SpanStart, 'name' | 'kind' | 'spanContext' | 'parent' | 'constants'> {
  /** As it was measured, or given. */
  readonly times: { readonly startMs: number; readonly durationMs: number } | { readonly startTime: HrTime; readonly endTime: HrTime };
  /** Attributes besides the constant ones. */
  readonly own: Attributes;
  readonly status: SpanStatus;
  readonly more: EndedSpanMore | undefined;
}

/** What few spans have. */
export interface EndedSpanMore {
  readonly events: TimedEvent[];
  readonly links: Link[];
  readonly droppedAttributes: number;
  readonly droppedEvents: number;
  readonly droppedLinks: number;
}

/** Defaults of a span that was started without options; frozen, since all spans share them. */
export const UNSET: SpanStatus = { code: SpanStatusCode.UNSET };
export const NO_EVENTS: TimedEvent[] = [];
export const NO_LINKS: Link[] = [];
Object.freeze(NO_EVENTS);
Object.freeze(NO_LINKS);
