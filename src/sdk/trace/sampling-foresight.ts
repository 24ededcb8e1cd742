// What a sampler will say of a span, without asking it, for the samplers that OTEL_TRACES_SAMPLER names. Asking takes copies of attributes, and objects.
import { ROOT_CONTEXT, type SpanContext, SpanKind, TraceFlags } from '@opentelemetry/api';
import { type Sampler, SamplingDecision } from '@opentelemetry/sdk-trace';

export class SamplingForesight {
  /** Whether it samples all or nothing. */
  readonly #always: boolean | undefined;
  /** Whether a span without a parent will be sampled; undefined when that is not known. */
  readonly ofRoot: boolean | undefined;
  /** It decides by the trace id alone. */
  readonly #ratio: Sampler | undefined;
  /** It decides as it did for the parent: for a sampled one of another process, and for spans of this one. */
  readonly #followsRemoteSampled: boolean;
  readonly #followsSampled: boolean;
  readonly #followsUnsampled: boolean;
  /** The spans of a trace follow one another, as a rule. */
  #lastTraceId = '';
  #lastDecision = false;

  constructor(sampler: Sampler) {
    const text = sampler.toString();
    this.#always = text === 'AlwaysOnSampler' ? true : text === 'AlwaysOffSampler' ? false : undefined;
    const isParentBased = text.startsWith('ParentBased{');
    this.ofRoot = text.startsWith('ParentBased{root=AlwaysOnSampler,') ? true : this.#always;
    this.#ratio = text.startsWith('TraceIdRatioBased{') ? sampler : undefined;
    this.#followsRemoteSampled = isParentBased && text.includes(', remoteParentSampled=AlwaysOnSampler,');
    this.#followsSampled = isParentBased && text.includes(', localParentSampled=AlwaysOnSampler,');
    this.#followsUnsampled = isParentBased && text.includes(', localParentNotSampled=AlwaysOffSampler}');
  }

  /** Whether a span below `parent` will be sampled; undefined when that is not known. */
  below({ traceId, traceFlags, isRemote }: SpanContext): boolean | undefined {
    if (this.#always !== undefined) return this.#always;
    if (this.#ratio !== undefined) return this.#decide(this.#ratio, traceId);
    const isParentSampled = (traceFlags & TraceFlags.SAMPLED) !== 0;
    if (isRemote === true) return isParentSampled && this.#followsRemoteSampled ? true : undefined;
    if (isParentSampled) return this.#followsSampled ? true : undefined;
    return this.#followsUnsampled ? false : undefined;
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
