// One trace in the flight recorder: the spans that wait for a reason to be sent.
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { KeepReason, TraceRecording } from '../../context/trace-recording.js';
import type { RecordedSpan } from '../trace/recorded-span.js';
import type { ListPlace, TraceList } from './trace-list.js';

/** Decides whether a trace is kept, and sends it. */
export interface TraceDecider {
  keep(trace: RecordedTrace, reason: KeepReason, why: string | undefined): boolean;
}

const NO_SPANS: readonly ReadableSpan[] = [];

export class RecordedTrace implements TraceRecording, ListPlace<RecordedTrace> {
  readonly traceId: string;
  state: TraceRecording['state'] = 'recorded';
  /** The first span of the trace in this process. */
  root: RecordedSpan | undefined = undefined;
  /**
   * Spans that have ended, and those that have not, in the order in which they came. Of a kept
   * trace those that have not ended.
   */
  spans: ReadableSpan[] = [];
  /** Spans that have not ended, those that found no room included. */
  openCount = 0;
  /** Estimated. */
  bytes = 0;
  /** Spans that found no room. */
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

  constructor(traceId: string, decider: TraceDecider) {
    this.traceId = traceId;
    this.#decider = decider;
  }

  keep(reason: KeepReason, why?: string): boolean {
    return this.state === 'kept' || this.#decider.keep(this, reason, why);
  }

  /** Takes its spans out, for those to come. */
  takeSpans(): readonly ReadableSpan[] {
    const { spans } = this;
    if (spans.length === 0) return NO_SPANS;
    this.spans = [];
    return spans;
  }

  /** For `util.inspect` of a span context, which holds the recording. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `TraceRecording(${this.state})`;
  }
}
