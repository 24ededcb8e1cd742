// Finds out, for the calls of one context, whether their spans can be made at their end. They follow one another, so it is found once for many.
import { type Context, type Tracer, trace } from '@opentelemetry/api';
import type { LateSpan } from '../integrations/pg/query-run.js';
import { OwnTracer } from '../sdk/trace/own-tracer.js';
import type { RecordingTracer } from '../sdk/trace/tracer.js';
import { parentOf } from '../sdk/trace/tracer.js';

export interface TracerSource {
  tracer(): Tracer;
  /** Of the tracer's scope. */
  readonly scopeName: string;
  readonly scopeVersion: string;
}

export class LateSpans {
  readonly #source: TracerSource;
  readonly #ownTracer = new OwnTracer();
  #own: RecordingTracer | undefined;
  #context: Context | undefined;
  #late: LateSpan | undefined;

  constructor(source: TracerSource) {
    this.#source = source;
  }

  /** Undefined where the span has to be started in the usual way: the sampler wants to be asked, or the SDK's tracers are in use. */
  below(context: Context): LateSpan | undefined {
    const own = this.#ownTracer.behind(this.#source.tracer(), this.#source.scopeName, this.#source.scopeVersion);
    if (context === this.#context && own === this.#own) return this.#late;
    const span = trace.getSpan(context);
    const parent = own === undefined ? undefined : parentOf(span);
    const isSampled = own === undefined || parent === undefined || parent.isRemote === true ? undefined : own.foresee(parent);
    this.#late = own === undefined || parent === undefined || isSampled === undefined ? undefined : { tracer: own, parent, isSampled };
    this.#context = context;
    this.#own = own;
    return this.#late;
  }
}
