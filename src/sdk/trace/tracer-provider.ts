// Has the SDK's tracer provider return our tracers. They are made of what the SDK was given too, so
// that nothing has to be read out of it.
import { type TracerProvider as ApiTracerProvider, ProxyTracerProvider, type Tracer, trace } from '@opentelemetry/api';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { readScope, scopeKey } from '../api/instrumentation-scope.js';
import { RecordingTracer, type TracerParts } from './tracer.js';

/** Tracers that are remembered by their scope. */
const MAX_TRACERS = 1_000;

/**
 * Must be called before anybody asks for a tracer. Does nothing where the SDK has registered no
 * provider, as with traces off.
 */
export function giveOwnTracers(registered: ApiTracerProvider, parts: Omit<TracerParts, 'scope'>): void {
  const provider = registered instanceof ProxyTracerProvider ? registered.getDelegate() : registered;
  if (!(provider instanceof TracerProvider)) return;
  const tracers = new Map<string, Tracer>();
  provider.getTracer = (name, version, options) => {
    const scope = readScope('TracerProvider.getTracer', name, version, options);
    const key = scopeKey(scope);
    const known = tracers.get(key);
    if (known !== undefined) return known;
    const tracer = new RecordingTracer({ ...parts, scope });
    // Past the bound a tracer works all the same, but is not remembered.
    if (tracers.size < MAX_TRACERS) tracers.set(key, tracer);
    return tracer;
  };
}

/**
 * Returns our own tracer for that scope; undefined while the SDK has not started, or when its
 * tracers are the SDK's.
 */
function ownTracer(name: string, version: string): RecordingTracer | undefined {
  const tracer = trace.getTracer(name, version);
  return tracer instanceof RecordingTracer ? tracer : undefined;
}

/**
 * Our tracer behind the one that an instrumentation was given, looked up again when it is given
 * another.
 */
export class OwnTracer {
  #given: Tracer | undefined;
  #own: RecordingTracer | undefined;

  /**
   * Returns our tracer for that scope; undefined while the SDK has not started, or when its tracers
   * are the SDK's.
   */
  behind(given: Tracer, scopeName: string, scopeVersion: string): RecordingTracer | undefined {
    if (given !== this.#given) {
      this.#given = given;
      this.#own = ownTracer(scopeName, scopeVersion);
    }
    return this.#own;
  }
}
