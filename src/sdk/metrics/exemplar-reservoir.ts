// The exemplars of one series: the last measurement of each bucket. Histograms with exponential
// buckets share them, by the explicit ones that they would have: the values are as far apart, and
// there are no more than these.
import type { SpanContext } from '@opentelemetry/api';
import { type BucketExemplars, type Exemplar, type ExemplarFilter, isInSampledSpan } from './exemplar.js';

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

export class ExemplarReservoir {
  readonly #isTraceBased: boolean;
  readonly #kept: (Mutable<Exemplar> | undefined)[] = [];

  /** @param filter not `always_off`, with which there is no reservoir */
  constructor(filter: ExemplarFilter) {
    this.#isTraceBased = filter === 'trace_based';
  }

  offer(bucket: number, value: number, span: SpanContext | undefined): void {
    if (this.#isTraceBased && !isInSampledSpan(span)) return;
    const traceId = span === undefined ? '' : span.traceId;
    const spanId = span === undefined ? '' : span.spanId;
    const time = Date.now();
    const last = this.#kept[bucket];
    if (last === undefined) this.#kept[bucket] = { traceId, spanId, value, time };
    else {
      last.traceId = traceId;
      last.spanId = spanId;
      last.value = value;
      last.time = time;
    }
  }

  /**
   * Copies, which later measurements do not change; undefined when there are none.
   * @param since milliseconds of the epoch: later ones only, so that none is reported twice
   */
  snapshot(since: number): BucketExemplars | undefined {
    const copies: (Exemplar | undefined)[] = [];
    for (const [bucket, exemplar] of this.#kept.entries()) {
      if (exemplar !== undefined && exemplar.time > since) copies[bucket] = { ...exemplar };
    }
    return copies.length === 0 ? undefined : copies;
  }
}
