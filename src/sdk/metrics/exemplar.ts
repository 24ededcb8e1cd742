// Exemplars: for each bucket of a series, the last measurement inside a sampled span. The SDK has
// code for them that it neither exports nor uses (sdk-metrics 2.12, build/src/exemplar).
import type { Attributes, HrTime } from '@opentelemetry/api';
import type { DataPoint, Histogram } from '@opentelemetry/sdk-metrics';

export interface Exemplar {
  readonly traceId: string;
  readonly spanId: string;
  readonly value: number;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

/** By index of the bucket. */
export type BucketExemplars = readonly (Exemplar | undefined)[];

/** A point of a histogram with its exemplars. */
export class ExemplarPoint implements DataPoint<Histogram> {
  readonly attributes: Attributes;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly value: Histogram;
  readonly exemplars: BucketExemplars | undefined;

  constructor(attributes: Attributes, times: readonly [HrTime, HrTime], value: Histogram, exemplars: BucketExemplars | undefined) {
    this.attributes = attributes;
    this.startTime = times[0];
    this.endTime = times[1];
    this.value = value;
    this.exemplars = exemplars;
  }
}

export function exemplarsOf(point: DataPoint<Histogram>): BucketExemplars | undefined {
  return point instanceof ExemplarPoint ? point.exemplars : undefined;
}
