// Predicts the decision of a sampler that settings name, without asking it: asking takes copies of
// attributes, and objects.
import { type SpanContext, TraceFlags, type TraceState } from '@opentelemetry/api';
import { recordingOf } from '../../context/trace-recording.js';
import type { RatioSampler } from './ratio-sampler.js';
import type { SamplingRule } from './sampler.js';

export class SamplingForesight {
  /** Whether a span without a parent will be made; undefined when that is not known. */
  readonly ofRoot: boolean | undefined;
  readonly #rule: SamplingRule | undefined;
  readonly #recordsRest: boolean;
  /** The spans of a trace follow one another, as a rule. */
  #lastTraceId = '';
  #lastTraceState: TraceState | undefined;
  #lastDecision: boolean | undefined;

  /**
   * @param rule undefined for a sampler of the app's own: nothing is known of it
   * @param recordsRest whether the flight recorder takes the traces that are not sampled
   */
  constructor(rule: SamplingRule | undefined, recordsRest = false) {
    this.#rule = rule;
    this.#recordsRest = recordsRest;
    this.ofRoot = rule?.root === true || (rule?.root === false && !recordsRest) ? rule.root : undefined;
  }

  /**
   * Whether a span below `parent` will be made, sampled or recorded; undefined when that is not
   * known.
   */
  below(parent: SpanContext): boolean | undefined {
    const isSampled = this.#rule === undefined ? undefined : this.#isSampled(this.#rule, parent);
    if (isSampled !== false || !this.#recordsRest) return isSampled;
    const recording = recordingOf(parent);
    return recording === undefined ? undefined : recording.state !== 'over';
  }

  #isSampled({ root, isParentBased }: SamplingRule, parent: SpanContext): boolean | undefined {
    const { traceFlags, isRemote } = parent;
    // A remote parent's own probability is not that of this sampler, which says so in the trace state.
    if (!isParentBased && typeof root !== 'boolean') return isRemote === true ? undefined : this.#foresee(root, parent);
    if (!isParentBased) return root === true;
    const isParentSampled = (traceFlags & TraceFlags.SAMPLED) !== 0;
    // Asked about an unsampled caller, the tracer counts it for the doctor.
    return isRemote === true && !isParentSampled ? undefined : isParentSampled;
  }

  #foresee(ratio: RatioSampler, parent: SpanContext): boolean | undefined {
    const { traceId, traceState } = parent;
    if (traceId !== this.#lastTraceId || traceState !== this.#lastTraceState) {
      this.#lastTraceId = traceId;
      this.#lastTraceState = traceState;
      this.#lastDecision = ratio.foresee(parent);
    }
    return this.#lastDecision;
  }
}
