// Durations counted into buckets by hand: a tenth of the cost of the SDK's histogram, which looks its attributes up on every record.
import { type Span, TraceFlags } from '@opentelemetry/api';
import type { Exemplar } from '../metrics/exemplar.js';

/** Upper bounds in seconds, as semantic conventions advise for durations of calls. */
export const DURATION_BOUNDARIES = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] as const;

/** What the histogram is called, in every way it goes out. */
export const DURATION_OPTIONS = { description: 'Duration of calls through circuit breakers', unit: 's' } as const;

const BOUNDARIES_MS = DURATION_BOUNDARIES.map((seconds) => seconds * 1000);

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
