// Finds out, for the calls of one context, whether their spans can be made at their end. They follow one another, so it is found once for many.
import { type Context, type Tracer, trace } from '@opentelemetry/api';
import type { RecordingTracer } from '../tracing/tracer.js';
import { parentOf } from '../tracing/tracer.js';
import { ownTracer } from '../tracing/tracer-provider.js';
import type { LateSpan } from './query-run.js';

export interface TracerSource {
  tracer(): Tracer;
  /** Of the tracer's scope. */
  readonly scopeName: string;
  readonly scopeVersion: string;
}

export class LateSpans {
  readonly #source: TracerSource;
  #tracer: Tracer | undefined;
  #own: RecordingTracer | undefined;
  #context: Context | undefined;
  #late: LateSpan | undefined;

  constructor(source: TracerSource) {
    this.#source = source;
  }

  /** Undefined where the span has to be started in the usual way: the sampler wants to be asked, or the SDK's tracers are in use. */
  below(context: Context): LateSpan | undefined {
    if (context === this.#context && this.#source.tracer() === this.#tracer) return this.#late;
    const own = this.#ownTracer();
    const span = trace.getSpan(context);
    const parent = own === undefined ? undefined : parentOf(span);
    const isSampled = own === undefined || parent === undefined || parent.isRemote === true ? undefined : own.foresee(parent);
    this.#late = own === undefined || parent === undefined || isSampled === undefined ? undefined : { tracer: own, parent, isSampled };
    this.#context = context;
    return this.#late;
  }

  /** Looked up again when the instrumentation is given another tracer. */
  #ownTracer(): RecordingTracer | undefined {
    const tracer = this.#source.tracer();
    if (tracer !== this.#tracer) {
      this.#tracer = tracer;
      this.#own = ownTracer(this.#source.scopeName, this.#source.scopeVersion);
    }
    return this.#own;
  }
}
