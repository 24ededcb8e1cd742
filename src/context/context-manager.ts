// The context manager of the process. An SDK brings one; without an SDK ours is registered at the
// first use of TraceContext.
import { type Context, context, createContextKey, ProxyTracerProvider, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { AppContextManager, type SwitchObserver } from './app-context-manager.js';

const PROBE = createContextKey('sietch context manager probe');
const probeContext = ROOT_CONTEXT.setValue(PROBE, true);

let own: AppContextManager | undefined;
let givenToSdk: AppContextManager | undefined;
/** The manager that is known to be the process's. */
let registered: AppContextManager | undefined;

/** Makes `context.with()` work in this process. */
export function ensureContextManager(): void {
  // Asked by trying: a second setGlobalContextManager() would be reported as an error by the API.
  if (hasContextManager()) return;
  own = new AppContextManager();
  context.setGlobalContextManager(own);
}

/**
 * The manager for an SDK that starts now. One that the facade has put in place makes way; contexts
 * active at that moment end.
 */
export function managerForSdk(): AppContextManager {
  if (own !== undefined) context.disable();
  givenToSdk = own ?? new AppContextManager();
  return givenToSdk;
}

/**
 * Called when the SDK has started: if its manager became the process's, `activeContext()` asks it
 * without a detour.
 */
export function rememberManager(): void {
  if (givenToSdk === undefined) return;
  // Not asked by `with()`: the first one switches on async hooks, and from then on every promise
  // costs more.
  Object.defineProperty(givenToSdk, 'active', { value: () => probeContext, configurable: true });
  if (context.active() === probeContext) registered = givenToSdk;
  Reflect.deleteProperty(givenToSdk, 'active');
}

/**
 * The active context, without the lookup and version check of `context.active()`, which are most of
 * its cost.
 */
export function activeContext(): Context {
  return (registered ?? context).active();
}

/** Runs in a context, like `context.with()` without its lookup. */
export function runInContext<Args extends unknown[], Result>(ctx: Context, run: (...args: Args) => Result, ...args: Args): Result {
  return registered === undefined ? context.with(ctx, run, undefined, ...args) : registered.withOwn(ctx, run, ...args);
}

/** Has each change of the active context observed; undefined where the manager is not ours. */
export function observeSwitches(observer: SwitchObserver): (() => void) | undefined {
  return registered?.observe(observer);
}

/** Whether an SDK, ours or another, has registered a tracer provider. */
export function hasTracerProvider(): boolean {
  const provider = trace.getTracerProvider();
  return !(provider instanceof ProxyTracerProvider) || provider.getDelegateTracer('@sietch/otel') !== undefined;
}

function hasContextManager(): boolean {
  return context.with(probeContext, () => context.active().getValue(PROBE) === true);
}
