// One trace in the flight recorder: the spans that wait for a reason to be sent.
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { KeepReason, TraceRecording } from '../../context/trace-recording.js';
import type { RecordedSpan } from '../trace/recorded-span.js';
import { NO_BLOCK } from './byte-chains.js';
import type { PackedTrace } from './span-writer.js';
import type { ListPlace, TraceList } from './trace-list.js';
import { NO_TRACE, type RowTrace } from './trace-rows.js';

/** Decides whether a trace is kept, and sends it. */
export interface TraceDecider {
  keep(trace: RecordedTrace, reason: KeepReason, why: string | undefined): boolean;
  /** The state of a trace that was parked. */
  stateOf(trace: RecordedTrace): TraceRecording['state'];
}

let lastSerial = 0;

const NO_SPANS: ReadableSpan[] = [];
Object.freeze(NO_SPANS);

export class RecordedTrace implements TraceRecording, ListPlace<RecordedTrace>, RowTrace, PackedTrace {
  readonly traceId: string;
  readonly serial: number;
  /** Its place among the traces of the ring, while it is there. */
  row = NO_TRACE;
  /** `parked`: what it has is in the ring alone, and this object is held by nobody but contexts of the app. */
  status: TraceRecording['state'] | 'parked' = 'recorded';
  notes = 0;
  /** The first span of the trace in this process, while it is not packed. */
  root: RecordedSpan | undefined = undefined;
  hasRoot = false;
  /** Those of its spans that are objects: they have not ended, or could not be packed. */
  spans = NO_SPANS;
  /** The spans that have ended. */
  firstBlock = NO_BLOCK;
  lastBlock = NO_BLOCK;
  lastUsed = 0;
  lastParentId: string | undefined = undefined;
  /** Spans that found room. */
  spanCount = 0;
  /** Spans that have not ended, those that found no room included. */
  openCount = 0;
  /** What it takes of the ring. */
  bytes = 0;
  /** Spans that have ended and found no room. */
  droppedCount = 0;
  /** A reading of `performance.now()` when it came to be open, to rest, or was kept. */
  since = 0;
  /** The reason that was refused last: the next span would ask again. */
  refused: KeepReason | undefined = undefined;
  /** The reason that a limit has held up until the root has its last name. */
  postponed: KeepReason | undefined = undefined;
  list: TraceList<RecordedTrace> | undefined = undefined;
  before: RecordedTrace | undefined = undefined;
  after: RecordedTrace | undefined = undefined;
  readonly #decider: TraceDecider;

  /** @param serial of a trace that was parked */
  constructor(traceId: string, decider: TraceDecider, serial = nextSerial()) {
    this.traceId = traceId;
    this.serial = serial;
    this.#decider = decider;
  }

  get state(): TraceRecording['state'] {
    return this.status === 'parked' ? this.#decider.stateOf(this) : this.status;
  }

  keep(reason: KeepReason, why?: string): boolean {
    return this.state === 'kept' || this.#decider.keep(this, reason, why);
  }

  /** Whether all of it is in bytes, and nothing is to be remembered of it but what is parked. */
  get isPlain(): boolean {
    return this.lastUsed > 0 && this.spans === NO_SPANS && this.droppedCount === 0 && this.refused === undefined && this.openCount === 0;
  }

  /** Holds a span as an object. */
  hold(span: ReadableSpan): void {
    if (this.spans === NO_SPANS) this.spans = [span];
    else this.spans.push(span);
  }

  /** Takes out one of those that are objects. False for one that is not among them. */
  release(span: ReadableSpan): boolean {
    const { spans } = this;
    const last = spans.length - 1;
    const at = spans[last] === span ? last : spans.lastIndexOf(span);
    if (at === -1) return false;
    if (last === 0) this.spans = NO_SPANS;
    else if (at === last) spans.pop();
    else spans.splice(at, 1);
    return true;
  }

  /** Takes out all that are objects. */
  releaseAll(): readonly ReadableSpan[] {
    const { spans } = this;
    this.spans = NO_SPANS;
    return spans;
  }

  /**
   * Cloning libraries copy what a span context holds, and objects with a tag of their own as they
   * are: the neighbours of this trace are no part of it.
   */
  get [Symbol.toStringTag](): string {
    return 'TraceRecording';
  }

  /** For `util.inspect` of a span context, which holds the recording. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `TraceRecording(${this.state})`;
  }
}

function nextSerial(): number {
  lastSerial = (lastSerial + 1) | 0;
  return lastSerial;
}
