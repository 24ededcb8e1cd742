// The operations that are open now: requests, jobs, queries, commands, outgoing calls, waits for a
// connection. A table of slots for objects that their integrations have anyway: an operation is put
// into a slot and taken out of it, and nothing is allocated. (A linked list through the operations
// took twice as long: it writes to neighbours of all classes.) Spans cannot tell: one that has not
// ended is invisible (opentelemetry-specification#2692), and an unsampled one is none.
import type { Context } from '@opentelemetry/api';
import { warn } from '../diagnose/diagnostics.js';

/** Bounds what is listed: one more is not, which is reported. */
const MAX_LISTED = 65_536;

/** Not in the table. */
const NONE = -1;

export type RunningCategory = 'request' | 'job' | 'query' | 'command' | 'http call' | 'wait';

/** An operation from its start to its end. */
export abstract class RunningOperation {
  /** Set by the table alone. */
  slot = NONE;

  abstract readonly category: RunningCategory;
  /** A reading of `performance.now()`. */
  abstract readonly startedAt: number;
  /** The caller's, or of a request or job its own. */
  abstract readonly context: Context;
  /** As a person reads it, without values: `GET /orders/:id`, `pg SELECT app`. */
  abstract readonly title: string;

  /** It waits by design, or for a library: no sign of trouble, however long it takes. */
  get isExpected(): boolean {
    return false;
  }

  /** It is giving its result bit by bit, which may take as long as it likes: it is reported once. */
  get isStreaming(): boolean {
    return false;
  }

  /**
   * The table alone holds it: a processor that awaits what nobody can settle is garbage, and its job
   * is active all the same.
   */
  get isHeld(): boolean {
    return false;
  }
}

/** An operation that has been open for long. */
export interface LongRunning {
  deref(): RunningOperation | undefined;
  /** When it is to be reported next, a reading of `performance.now()`. */
  reportAt: number;
}

export class RunningOperations implements Iterable<RunningOperation> {
  /** Called when there is an operation and nobody looks for those that are open for long. */
  onUnwatched: (() => void) | undefined;
  /** Public and plain, since the hot path reads it. */
  isWatched = true;
  readonly #slots: (RunningOperation | undefined)[] = [];
  /** Slots that are empty; others are added at the end. */
  readonly #free: number[] = [];
  #isFullReported = false;
  /**
   * Open for so long that they are taken out of their slots, and held weakly from then on: what the
   * app has dropped without an end (a response without a socket, a body that nobody reads) goes.
   */
  readonly #long = new Set<LongRunning>();
  readonly #longOf = new WeakMap<RunningOperation, LongRunning>();
  #order: readonly RunningOperation[] | undefined;

  /** An operation begins. On the hot path of everything that is observed. */
  add(operation: RunningOperation): void {
    const slots = this.#slots;
    const slot = this.#free.pop() ?? slots.length;
    if (slot === MAX_LISTED) {
      this.#reportFull();
      return;
    }
    slots[slot] = operation;
    operation.slot = slot;
    if (!this.isWatched) this.onUnwatched?.();
  }

  /** It has ended. Does nothing when it is not listed. */
  remove(operation: RunningOperation): void {
    const { slot } = operation;
    if (slot === NONE) {
      if (this.#long.size > 0) this.#removeLong(operation);
      return;
    }
    this.#slots[slot] = undefined;
    this.#free.push(slot);
    operation.slot = NONE;
  }

  has(operation: RunningOperation): boolean {
    return operation.slot !== NONE || this.#longOf.has(operation);
  }

  get isEmpty(): boolean {
    return this.#long.size === 0 && this.#slots.length === this.#free.length;
  }

  /** Oldest first. */
  [Symbol.iterator](): Iterator<RunningOperation> {
    return (this.#order ?? this.#oldestFirst()).values();
  }

  /**
   * Puts the operations in order once for all that `read` asks for, in which none begins or ends: of
   * 10,000 it takes milliseconds, and each section of `sietch-otel now` goes through them.
   */
  inOneOrder<Result>(read: () => Result): Result {
    this.#order = this.#oldestFirst();
    try {
      return read();
    } finally {
      this.#order = undefined;
    }
  }

  #oldestFirst(): readonly RunningOperation[] {
    const long = [...this.#long].map((each) => each.deref());
    const all = [...long, ...this.#slots].filter((operation) => operation !== undefined);
    return all.sort((one, other) => one.startedAt - other.startedAt);
  }

  /**
   * Takes those that began before `startedBefore` out of their slots: they are held weakly from now
   * on.
   */
  takeLongRunning(startedBefore: number): Iterable<LongRunning> {
    for (const operation of this.#slots) if (operation !== undefined && operation.startedAt <= startedBefore) this.#hold(operation);
    for (const long of this.#long) if (long.deref() === undefined) this.#long.delete(long);
    return this.#long;
  }

  /** One that finds no room stays in its slot. */
  #hold(operation: RunningOperation): void {
    if (this.#long.size >= MAX_LISTED) return;
    this.remove(operation);
    const long = operation.isHeld ? { deref: () => operation, reportAt: 0 } : new WeaklyHeld(operation);
    this.#long.add(long);
    this.#longOf.set(operation, long);
  }

  #reportFull(): void {
    if (this.#isFullReported) return;
    this.#isFullReported = true;
    warn('SIETCH230', `more than ${MAX_LISTED} are open at once`);
  }

  #removeLong(operation: RunningOperation): void {
    const long = this.#longOf.get(operation);
    if (long === undefined) return;
    this.#longOf.delete(operation);
    this.#long.delete(long);
  }
}

class WeaklyHeld extends WeakRef<RunningOperation> implements LongRunning {
  reportAt = 0;
}

/** All of this process. */
export const running = new RunningOperations();
