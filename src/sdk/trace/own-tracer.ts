// Our own tracer behind the one that an instrumentation was given, looked up again when it is given another.
import type { Tracer } from '@opentelemetry/api';
import type { RecordingTracer } from './tracer.js';
import { ownTracer } from './tracer-provider.js';

export class OwnTracer {
  #given: Tracer | undefined;
  #own: RecordingTracer | undefined;

  /** Of the scope of `given`; undefined while the SDK has not started, or when its tracers are the SDK's. */
  behind(given: Tracer, scopeName: string, scopeVersion: string): RecordingTracer | undefined {
    if (given !== this.#given) {
      this.#given = given;
      this.#own = ownTracer(scopeName, scopeVersion);
    }
    return this.#own;
  }
}
