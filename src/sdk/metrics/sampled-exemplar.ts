// The exemplar of one series of a counter: one of the measurements since the last collection that the
// filter lets through, each as likely as the others (the specification's
// SimpleFixedSizeExemplarReservoir with one place).
import type { SpanContext } from '@opentelemetry/api';
import { type Exemplar, type ExemplarFilter, isInSampledSpan } from './exemplar.js';

export class SampledExemplar {
  readonly #isTraceBased: boolean;
  #offered = 0;
  #kept: Exemplar | undefined;
  /** By number of the reader, what it has collected last. */
  readonly #collected: (Exemplar | undefined)[] = [];

  /** @param filter not `always_off`, with which there is none */
  constructor(filter: ExemplarFilter) {
    this.#isTraceBased = filter === 'trace_based';
  }

  offer(value: number, span: SpanContext | undefined): void {
    if (this.#isTraceBased && !isInSampledSpan(span)) return;
    this.#offered += 1;
    if (this.#offered > 1 && Math.random() * this.#offered >= 1) return;
    this.#kept = { traceId: span?.traceId ?? '', spanId: span?.spanId ?? '', value, time: Date.now() };
  }

  /** @param isDelta whether the reader wants no exemplar that it has had before */
  collect(reader: number, isDelta: boolean): Exemplar | undefined {
    this.#offered = 0;
    const isKnown = this.#collected[reader] === this.#kept;
    this.#collected[reader] = this.#kept;
    return isDelta && isKnown ? undefined : this.#kept;
  }
}
