// Checks whether a context from the app is usable. Instrumentations read the active context during
// calls of the app's libraries: one that throws, or holds an invalid span, would break those calls.
import { type Context, createContextKey, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api';
import { ChildContext } from './child-context.js';
import { TalliedContext } from './command-tally.js';

const PROBE = createContextKey('sietch context probe');
/** The context class of our copy of the API, whose methods do not throw. */
const ApiContext = ROOT_CONTEXT.constructor;

/**
 * The context as it is, without its span where that is none; `otherwise` for what is no context.
 * Never throws.
 */
export function usableContext(given: unknown, otherwise: Context): Context {
  try {
    if (!isContext(given)) return otherwise;
    const span = trace.getSpan(given);
    return span === undefined || isSpan(span) ? given : trace.deleteSpan(given);
  } catch {
    return otherwise;
  }
}

/** @throws whatever a proxy or a getter of the app throws */
function isContext(given: unknown): given is Context {
  if (given instanceof ApiContext || given instanceof ChildContext || given instanceof TalliedContext) return true;
  if (typeof given !== 'object' || given === null || !('getValue' in given)) return false;
  const { getValue, setValue, deleteValue }: { getValue?: unknown; setValue?: unknown; deleteValue?: unknown } = given;
  if (typeof getValue !== 'function' || typeof setValue !== 'function' || typeof deleteValue !== 'function') return false;
  const probed: unknown = getValue.call(given, PROBE);
  return probed === undefined;
}

/** @throws as above */
function isSpan(span: Span | null): boolean {
  if (span === null) return false;
  const { traceId, spanId, traceFlags } = span.spanContext();
  return typeof traceId === 'string' && typeof spanId === 'string' && typeof traceFlags === 'number';
}
