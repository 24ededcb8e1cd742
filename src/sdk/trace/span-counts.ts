// Counts of started and open spans, as the semantic conventions have them (otel.sdk.span.started,
// otel.sdk.span.live). A span adds to a number; whoever collects metrics reads it.
import { type SpanContext, TraceFlags } from '@opentelemetry/api';
import { recordingOf } from '../../context/trace-recording.js';

/** Values of `otel.span.sampling_result`. */
export const SAMPLING_RESULTS = ['DROP', 'RECORD_ONLY', 'RECORD_AND_SAMPLE'] as const;
/** Values of `otel.span.parent.origin`. */
export const PARENT_ORIGINS = ['none', 'local', 'remote'] as const;

const DROP = 0;
const RECORD_ONLY = 1;
const RECORD_AND_SAMPLE = 2;

export class SpanCounts {
  /** By parent's origin and sampling result. Small integers, which take no memory when they change. */
  readonly #started: number[] = new Array<number>(PARENT_ORIGINS.length * SAMPLING_RESULTS.length).fill(0);
  /** By sampling result. */
  readonly #live: number[] = new Array<number>(SAMPLING_RESULTS.length).fill(0);

  dropped(parent: SpanContext | undefined): void {
    this.#count(parent, DROP);
  }

  /** A span that has no object while it is open: it is below `parent`, and sampled like it. */
  completed(parent: SpanContext): void {
    this.#count(parent, resultOf(parent));
  }

  opened(parent: SpanContext | undefined, spanContext: SpanContext): void {
    const result = resultOf(spanContext);
    this.#count(parent, result);
    this.#live[result] = (this.#live[result] ?? 0) + 1;
  }

  ended(spanContext: SpanContext): void {
    const result = resultOf(spanContext);
    this.#live[result] = (this.#live[result] ?? 0) - 1;
  }

  /** @param origin index of PARENT_ORIGINS @param result index of SAMPLING_RESULTS */
  started(origin: number, result: number): number {
    return this.#started[origin * SAMPLING_RESULTS.length + result] ?? 0;
  }

  live(result: number): number {
    return this.#live[result] ?? 0;
  }

  #count(parent: SpanContext | undefined, result: number): void {
    const origin = parent === undefined ? 0 : parent.isRemote === true ? 2 : 1;
    const at = origin * SAMPLING_RESULTS.length + result;
    this.#started[at] = (this.#started[at] ?? 0) + 1;
  }
}

/** The flags of a span in the flight recorder change when its trace is kept. */
function resultOf(spanContext: SpanContext): number {
  const isSampled = (spanContext.traceFlags & TraceFlags.SAMPLED) !== 0 && recordingOf(spanContext) === undefined;
  return isSampled ? RECORD_AND_SAMPLE : RECORD_ONLY;
}
