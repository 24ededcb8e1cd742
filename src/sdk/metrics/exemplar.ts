// Exemplars: for each bucket of a series, the last measurement that the filter lets through. The
// SDK has code for them that it neither exports nor uses (sdk-metrics 2.12, build/src/exemplar;
// opentelemetry-js#5147).
import { type SpanContext, TraceFlags } from '@opentelemetry/api';

/**
 * OTEL_METRICS_EXEMPLAR_FILTER: every measurement, none, or those inside a sampled span may become
 * exemplars.
 */
export const EXEMPLAR_FILTERS = ['always_on', 'always_off', 'trace_based'] as const;
export type ExemplarFilter = (typeof EXEMPLAR_FILTERS)[number];

export interface Exemplar {
  /** In hexadecimal digits, like the span id; both are empty outside of a span. */
  readonly traceId: string;
  readonly spanId: string;
  readonly value: number;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

/** By index of the bucket. */
export type BucketExemplars = readonly (Exemplar | undefined)[];

/** Whether a measurement inside of `span` may become an exemplar with the filter `trace_based`. */
export function isInSampledSpan(span: SpanContext | undefined): boolean {
  return span !== undefined && (span.traceFlags & TraceFlags.SAMPLED) !== 0;
}
