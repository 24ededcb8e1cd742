// Durations counted into buckets by hand: a tenth of the cost of the SDK's histogram, which looks its attributes up on every record.
import { type Span, TraceFlags } from '@opentelemetry/api';
import { SECONDS_BUCKETS } from '../metrics/buckets.js';
import type { Exemplar } from '../metrics/exemplar.js';

/** What the histogram is called, in every way it goes out. */
export const DURATION_OPTIONS = { description: 'Duration of calls through circuit breakers', unit: 's' } as const;

const BOUNDARIES_MS = SECONDS_BUCKETS.map((seconds) => seconds * 1000);

export class DurationHistogram {
  /** By bucket: the last call of it that was made inside a sampled span. */
  readonly exemplars: (Exemplar | undefined)[] = [];
  /** One more than there are boundaries. */
  readonly counts: number[] = new Array<number>(BOUNDARIES_MS.length + 1).fill(0);
  sumMs = 0;
  count = 0;

  /** @param span the active span, where it records */
  record(ms: number, span: Span | undefined): void {
    let index = 0;
    while (index < BOUNDARIES_MS.length && ms > (BOUNDARIES_MS[index] ?? 0)) index++;
    this.counts[index] = (this.counts[index] ?? 0) + 1;
    this.sumMs += ms;
    this.count++;
    if (span === undefined) return;
    const { traceId, spanId, traceFlags } = span.spanContext();
    if ((traceFlags & TraceFlags.SAMPLED) !== 0) this.exemplars[index] = { traceId, spanId, value: ms / 1000, time: Date.now() };
  }
}
