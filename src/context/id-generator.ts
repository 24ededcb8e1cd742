// Generates trace and span ids for the SDK. A trace id from the caller becomes the id of the next
// root span: a real root, where a made-up parent would be a span that Jaeger never finds.
import { type Context, createContextKey } from '@opentelemetry/api';
import type { IdGenerator } from '@opentelemetry/sdk-trace';
import { activeContext } from './context-manager.js';
import { randomSpanId, randomTraceId } from './random-id.js';

/** Trace id of root spans started in a context. */
const TRACE_ID = createContextKey('sietch trace id');

export class CallerIdGenerator implements IdGenerator {
  readonly generateSpanId = randomSpanId;
  /** Whether the last trace id was made here: not given by a caller, nor planned before. */
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
    const given = this.#next ?? plannedTraceId(activeContext());
    this.#next = undefined;
    this.isLastRandom = given === undefined;
    return given ?? randomTraceId();
  }
}

/** The generator of the SDK that `start()` starts. */
export const idGenerator = new CallerIdGenerator();

/** A context whose root spans get `traceId`. */
export function planTraceId(base: Context, traceId: string): Context {
  return base.setValue(TRACE_ID, traceId);
}

/** The trace id that root spans of `ctx` get, where one is planned. */
export function plannedTraceId(ctx: Context): string | undefined {
  const traceId = ctx.getValue(TRACE_ID);
  return typeof traceId === 'string' ? traceId : undefined;
}
