// Upstream's instrumentation of node:http and node:https, whose functions look like those they stand for: not named `outgoingRequest`.
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { lookLikeOriginal } from '../sdk/lookalike.js';

type Definitions = ReturnType<HttpInstrumentation['init']>;
/** What node:http exports, as far as it is patched; the default export of the ES module is the same object. */
interface Patched {
  request?: unknown;
  get?: unknown;
  Server?: { prototype?: { emit?: unknown } };
}

export class LookalikeHttpInstrumentation extends HttpInstrumentation {
  override init(): Definitions {
    const definitions = super.init();
    for (const definition of definitions) {
      const { patch } = definition;
      definition.patch = (exports: Patched, version?: string) => {
        const patched: Patched | undefined = patch?.(exports, version);
        for (const wrapped of [patched?.request, patched?.get, patched?.Server?.prototype?.emit]) lookLikeOriginal(wrapped);
        return patched;
      };
    }
    return definitions;
  }
}
