// Upstream's instrumentation of fetch and undici, whose calls are listed while they are open.
import type { Tracer } from '@opentelemetry/api';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { listingTracer } from './outgoing-call.js';

export class SietchUndiciInstrumentation extends UndiciInstrumentation {
  protected override get tracer(): Tracer {
    return listingTracer(super.tracer);
  }
}
