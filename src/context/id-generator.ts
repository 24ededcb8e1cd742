// Generates trace and span ids for the SDK. A trace id from the caller becomes the id of the next
// root span: a real root, where a made-up parent would be a span that Jaeger never finds.
import { type Context, createContextKey } from '@opentelemetry/api';
import type { IdGenerator } from '@opentelemetry/sdk-trace';
import { warn } from '../diagnose/diagnostics.js';
import { activeContext } from './context-manager.js';
import { randomSpanId, randomTraceId } from './random-id.js';

/** Trace id of root spans started in a context. */
const TRACE_ID = createContextKey('sietch trace id');
/** The same trace id, where it was made here and not given by a caller. */
const RANDOM_TRACE_ID = createContextKey('sietch random trace id');

export class CallerIdGenerator implements IdGenerator {
  generateSpanId = randomSpanId;
  /** Makes a trace id where no caller has given one. */
  newTraceId = randomTraceId;
  /** Whether the last trace id is random: made here, and not given by a caller. */
  isLastRandom = false;
  #next: string | undefined;

  /**
   * The next root span takes `traceId`. The caller starts the span in the same synchronous stretch,
   * then clears it.
   */
  setNext(traceId: string): void {
    this.#next = traceId;
  }

  /** Ids that no caller gives are made by a generator of the app from now on. */
  use(given: IdGenerator): void {
    this.generateSpanId = checked(() => given.generateSpanId(), VALID_SPAN_ID, randomSpanId);
    this.newTraceId = checked(() => given.generateTraceId(), VALID_TRACE_ID, randomTraceId);
  }

  clear(): void {
    this.#next = undefined;
  }

  generateTraceId(): string {
    const given = this.#next;
    this.#next = undefined;
    const active = activeContext();
    const planned = given === undefined ? plannedTraceId(active) : undefined;
    const isMadeHere = given === undefined && this.newTraceId === randomTraceId;
    this.isLastRandom = isMadeHere && (planned === undefined || active.getValue(RANDOM_TRACE_ID) === planned);
    return given ?? planned ?? this.newTraceId();
  }
}

const VALID_TRACE_ID = /^(?!0{32})[0-9a-f]{32}$/;
const VALID_SPAN_ID = /^(?!0{16})[0-9a-f]{16}$/;

/** Never throws, and returns valid ids only. */
function checked(generate: () => unknown, valid: RegExp, instead: () => string): () => string {
  return () => {
    let what = 'threw';
    try {
      const id = generate();
      if (typeof id === 'string' && valid.test(id)) return id;
      what = `returned ${typeof id === 'string' ? `a text of ${id.length} characters` : typeof id}`;
    } catch {
      // Reported below.
    }
    warn('SIETCH302', `it ${what}`);
    return instead();
  };
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
