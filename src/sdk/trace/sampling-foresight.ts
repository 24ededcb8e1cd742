// Predicts the decision of a sampler that settings name, without asking it: asking takes copies of
// attributes, and objects.
import { ROOT_CONTEXT, type SpanContext, SpanKind, TraceFlags } from '@opentelemetry/api';
import { type Sampler, SamplingDecision } from '@opentelemetry/sdk-trace';
import type { SamplingRule } from './sampler.js';

export class SamplingForesight {
  /** Whether a span without a parent will be sampled; undefined when that is not known. */
  readonly ofRoot: boolean | undefined;
  readonly #rule: SamplingRule | undefined;
  /** The spans of a trace follow one another, as a rule. */
  #lastTraceId = '';
  #lastDecision = false;

  /** @param rule undefined for a sampler of the app's own: nothing is known of it */
  constructor(rule: SamplingRule | undefined) {
    this.#rule = rule;
    this.ofRoot = typeof rule?.root === 'boolean' ? rule.root : undefined;
  }

  /** Whether a span below `parent` will be sampled; undefined when that is not known. */
  below({ traceId, traceFlags, isRemote }: SpanContext): boolean | undefined {
    if (this.#rule === undefined) return undefined;
    const { root, isParentBased } = this.#rule;
    if (!isParentBased) return typeof root === 'boolean' ? root : this.#decide(root, traceId);
    const isParentSampled = (traceFlags & TraceFlags.SAMPLED) !== 0;
    // Asked about an unsampled caller, the tracer counts it for the doctor.
    return isRemote === true && !isParentSampled ? undefined : isParentSampled;
  }

  #decide(ratio: Sampler, traceId: string): boolean {
    if (traceId !== this.#lastTraceId) {
      const { decision } = ratio.shouldSample(ROOT_CONTEXT, traceId, '', SpanKind.INTERNAL, {}, []);
      this.#lastTraceId = traceId;
      this.#lastDecision = decision === SamplingDecision.RECORD_AND_SAMPLED;
    }
    return this.#lastDecision;
  }
}
