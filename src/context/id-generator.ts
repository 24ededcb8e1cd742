// Generates trace and span ids for the SDK. A trace id from the caller becomes the id of the next
// root span: a real root, where a made-up parent would be a span that Jaeger never finds.
import { type Context, createContextKey } from '@opentelemetry/api';
import type { IdGenerator } from '@opentelemetry/sdk-trace';
import { activeContext } from './context-manager.js';
import { randomSpanId, randomTraceId } from './random-id.js';

/** Trace id of root spans started in a context. */
const TRACE_ID = createContextKey('sietch trace id');
/** The same trace id, where it was made here and not given by a caller. */
const RANDOM_TRACE_ID = createContextKey('sietch random trace id');

export class CallerIdGenerator implements IdGenerator {
  readonly generateSpanId = randomSpanId;
  /** Whether the last trace id was made here, and not given by a caller. */
  isLastRandom = false;
  #next: string | undefined;

  /**
   * The next root span takes `traceId`. The caller starts the span in the same synchronous stretch,
   * then clears it.
   */
  setNext(traceId: string): void {
    this.#next = traceId;
  }

  clear(): void {
    this.#next = undefined;
  }

  generateTraceId(): string {
    const given = this.#next;
    this.#next = undefined;
    const active = activeContext();
    const planned = given === undefined ? plannedTraceId(active) : undefined;
    this.isLastRandom = given === undefined && (planned === undefined || active.getValue(RANDOM_TRACE_ID) === planned);
    return given ?? planned ?? randomTraceId();
  }
}

/** The generator of the SDK that `start()` starts. */
export const idGenerator = new CallerIdGenerator();

/**
 * A context whose root spans get `traceId`.
 * @param isRandom made here, not given by a caller
 */
export function planTraceId(base: Context, traceId: string, isRandom: boolean): Context {
  const planned = base.setValue(TRACE_ID, traceId);
  return isRandom ? planned.setValue(RANDOM_TRACE_ID, traceId) : planned;
}

/** The trace id that root spans of `ctx` get, where one is planned. */
export function plannedTraceId(ctx: Context): string | undefined {
  const traceId = ctx.getValue(TRACE_ID);
  return typeof traceId === 'string' ? traceId : undefined;
}
