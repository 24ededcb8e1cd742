// Context needs a manager to be active across calls. An SDK brings one; without an SDK ours is put in place at the first use of the facade.
import { type ContextManager, context, createContextKey, ProxyTracerProvider, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';

const PROBE = createContextKey('sietch context manager probe');
const probeContext = ROOT_CONTEXT.setValue(PROBE, true);

let own: ContextManager | undefined;

/** Makes `context.with()` work in this process. */
export function ensureContextManager(): void {
  // Asked by trying: a second setGlobalContextManager() would be reported as an error by the API.
  if (hasContextManager()) return;
  own = new AsyncLocalStorageContextManager().enable();
  context.setGlobalContextManager(own);
}

/** The manager for an SDK that starts now. One that the facade has put in place makes way; contexts active at that moment end. */
export function managerForSdk(): ContextManager {
  if (own !== undefined) context.disable();
  return own ?? new AsyncLocalStorageContextManager();
}

/** Whether spans started now are real: an SDK, ours or another, has registered a tracer provider. */
export function hasTracerProvider(): boolean {
  const provider = trace.getTracerProvider();
  return !(provider instanceof ProxyTracerProvider) || provider.getDelegateTracer('@sietch/otel') !== undefined;
}

function hasContextManager(): boolean {
  return context.with(probeContext, () => context.active().getValue(PROBE) === true);
}
