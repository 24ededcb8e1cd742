// The correlation id: an id of the caller that is no trace id. Travels as a baggage entry, so that
// queue workers and called services have it too.
import { type Baggage, type Context, propagation } from '@opentelemetry/api';
import { isCorrelationId } from './caller-id.js';
import { ATTR_CORRELATION_ID } from './names.js';

export function withCorrelationId(base: Context, id: string): Context {
  const baggage = baggageOf(base) ?? propagation.createBaggage();
  return propagation.setBaggage(base, baggage.setEntry(ATTR_CORRELATION_ID, { value: id }));
}

/**
 * The correlation id of `ctx`. Baggage comes from other processes, so its value is checked like the
 * header.
 */
export function correlationIdOf(ctx: Context): string | undefined {
  try {
    const value: unknown = propagation.getBaggage(ctx)?.getEntry(ATTR_CORRELATION_ID)?.value;
    return typeof value === 'string' && isCorrelationId(value) ? value : undefined;
  } catch {
    return undefined; // The app has set a baggage that is none.
  }
}

function baggageOf(ctx: Context): Baggage | undefined {
  const baggage = propagation.getBaggage(ctx);
  return typeof baggage?.setEntry === 'function' ? baggage : undefined;
}
