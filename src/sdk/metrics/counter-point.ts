// A collected point of a counter with its exemplar, for which the SDK's points have no place.
import type { Attributes, HrTime } from '@opentelemetry/api';
import type { DataPoint } from '@opentelemetry/sdk-metrics';
import type { Exemplar } from './exemplar.js';

export class CounterPoint implements DataPoint<number> {
  readonly attributes: Attributes;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly value: number;
  readonly exemplar: Exemplar;

  constructor({ attributes, startTime, endTime, value }: DataPoint<number>, exemplar: Exemplar) {
    this.attributes = attributes;
    this.startTime = startTime;
    this.endTime = endTime;
    this.value = value;
    this.exemplar = exemplar;
  }
}

export function exemplarOfPoint(point: DataPoint<number>): Exemplar | undefined {
  return point instanceof CounterPoint ? point.exemplar : undefined;
}
