// Exemplars: for each bucket of each series of each histogram, the last measurement made inside a sampled span.
import type { Attributes } from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import type { HistogramMetricData } from '@opentelemetry/sdk-metrics';

export interface Exemplar {
  readonly traceId: string;
  readonly spanId: string;
  readonly value: number;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

/** Exemplars of one series, by index of the bucket. */
export type ExemplarsOf = (
  scope: InstrumentationScope,
  metric: HistogramMetricData,
  attributes: Attributes,
  boundaries: readonly number[],
) => readonly (Exemplar | undefined)[] | undefined;
