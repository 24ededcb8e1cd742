// Samples a share of the traces by OpenTelemetry's consistent rule, which does not depend on the
// language or version of who decides, and puts the share into the trace state (`ot=th:…`): a backend
// counts from it what was left out.
import { type Context, type SpanContext, type TraceState, trace } from '@opentelemetry/api';
import { type Sampler, SamplingDecision, type SamplingResult } from '@opentelemetry/sdk-trace';
import { validTraceState } from '../../context/trace-state.js';
import { randomnessOf, thresholdIn, thresholdOf, withThreshold } from './probability.js';

const NOT_SAMPLED: SamplingResult = { decision: SamplingDecision.NOT_RECORD };

export class RatioSampler implements Sampler {
  #share = 0;
  /** Undefined where nothing is sampled. */
  #threshold: string | undefined;
  /** For all traces that begin here. */
  #ofRoot: SamplingResult = NOT_SAMPLED;

  constructor(share: number) {
    this.setShare(share);
  }

  /** From the next decision on. */
  setShare(share: number): void {
    this.#share = share;
    this.#threshold = thresholdOf(share);
    this.#ofRoot = this.#resultWith(undefined);
  }

  /** The decision below a span; undefined where it would change what the trace state says. */
  foresee({ traceId, traceState }: SpanContext): boolean | undefined {
    const isSampled = this.#isSampled(traceId, traceState);
    return thresholdIn(traceState) === (isSampled ? this.#threshold : undefined) ? isSampled : undefined;
  }

  shouldSample(context: Context, traceId: string): SamplingResult {
    const traceState = validTraceState(trace.getSpanContext(context)?.traceState);
    if (!this.#isSampled(traceId, traceState)) return NOT_SAMPLED;
    return traceState === undefined ? this.#ofRoot : this.#resultWith(traceState);
  }

  toString(): string {
    return `TraceIdRatioBased{${this.#share}}`;
  }

  #isSampled(traceId: string, traceState: TraceState | undefined): boolean {
    return this.#threshold !== undefined && randomnessOf(traceId, traceState) >= this.#threshold;
  }

  #resultWith(traceState: TraceState | undefined): SamplingResult {
    if (this.#threshold === undefined) return NOT_SAMPLED;
    return { decision: SamplingDecision.RECORD_AND_SAMPLED, traceState: withThreshold(traceState, this.#threshold) };
  }
}
