// What a span is made of.
import type { Attributes, Link, SpanContext, SpanKind, TimeInput } from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import type { SpanProcessor } from '@opentelemetry/sdk-trace';
import type { ConstantAttributes } from './constant-attributes.js';
import type { SpanLimits } from './span-limits.js';

/** What all spans of a tracer share. */
export interface SpanHost {
  readonly scope: InstrumentationScope;
  readonly resource: Resource;
  readonly limits: SpanLimits;
  readonly processor: SpanProcessor;
}

/** What a span is started with. */
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
