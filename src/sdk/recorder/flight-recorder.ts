// The flight recorder: traces that head sampling does not keep wait in a ring, and are sent whole
// when one of their spans gives a reason. A collector's tail sampling decides the same after all
// has been encoded and sent to it. Stands before the processors that export, which see of a
// recorded trace nothing until it is kept.
import type { Context, SpanContext } from '@opentelemetry/api';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { SettingsOf } from '../../config/setting.js';
import { type KeepReason, notifyTraceKept, recordingOf, type TraceKeeper } from '../../context/trace-recording.js';
import { warn } from '../../diagnose/diagnostics.js';
import { CompletedSpan } from '../trace/completed-span.js';
import { RecordedSpan } from '../trace/recorded-span.js';
import type { SpanRecorder } from '../trace/tracer.js';
import { KeepLimits } from './keep-limits.js';
import { ATTR_DROPPED_SPANS, ATTR_KEEP_REASON, ATTR_KEEP_WHY } from './names.js';
import { recordedSize, STARTED_BYTES } from './recorded-size.js';
import { RecordedTrace, type TraceDecider } from './recorded-trace.js';
import { RecorderCounts } from './recorder-counts.js';
import { ADAPTIVE, type recorderSettings } from './settings.js';
import { SlowSpans } from './slow-spans.js';
import { contextAbove, durationOf, endOf, isEntry, markSampled, reasonOf } from './span-facts.js';
import type { RestoredSpans } from './span-reader.js';
import { TraceRing } from './trace-ring.js';

export interface FlightRecorderParts {
  readonly settings: SettingsOf<typeof recorderSettings>;
  /** The processors that export. */
  readonly next: SpanProcessor;
  /** Whether the export queues have no room for a trace more. */
  isFull(): boolean;
}

/** Traces a minute and name that are kept because they are slower than usual. */
const ADAPTIVE_PER_MINUTE = 10;
/** Longest text that the app may give as its reason. */
const MAX_WHY = 200;

export class FlightRecorder implements SpanProcessor, SpanRecorder, TraceKeeper, TraceDecider {
  readonly counts = new RecorderCounts();
  readonly ring: TraceRing;
  readonly #next: SpanProcessor;
  readonly #isFull: () => boolean;
  readonly #maxSpans: number;
  readonly #limits: KeepLimits;
  /** Undefined when the threshold is fixed. */
  readonly #slowSpans: SlowSpans | undefined;
  readonly #slowMs: number;
  #isShutDown = false;

  constructor({ settings, next, isFull }: FlightRecorderParts) {
    this.ring = new TraceRing(settings, this);
    this.#next = next;
    this.#isFull = isFull;
    this.#maxSpans = settings.spans;
    this.#limits = new KeepLimits(settings.perMinute);
    const isAdaptive = settings.slow.toLowerCase() === ADAPTIVE;
    this.#slowSpans = isAdaptive ? new SlowSpans() : undefined;
    this.#slowMs = isAdaptive || Number(settings.slow) === 0 ? Number.POSITIVE_INFINITY : Number(settings.slow);
  }

  recordingFor(traceId: string, parent: SpanContext | undefined): RecordedTrace | undefined {
    const ofParent = this.#traceOf(parent);
    if (ofParent !== undefined) return ofParent.state === 'over' ? undefined : ofParent;
    if (parent !== undefined) {
      const known = this.ring.find(traceId);
      // Below a span of this process that was not recorded, it would not be the whole trace.
      if (known !== undefined || parent.isRemote !== true) return known;
    }
    // It is in the ring once its first span has started, which may fail.
    return this.#isShutDown ? undefined : new RecordedTrace(traceId, this);
  }

  find(traceId: string): RecordedTrace | undefined {
    return this.ring.find(traceId);
  }

  onStart(span: Span, parentContext: Context): void {
    const recorded = this.#traceOf(span.spanContext());
    if (recorded?.state === 'recorded') this.#started(recorded, span);
    else if (recorded?.state !== 'over') {
      // An error that ends the process ends those that are open.
      if (recorded !== undefined && recorded.spans.length < this.#maxSpans) recorded.hold(span);
      if (recorded === undefined && span.parentSpanContext?.isRemote === true) this.#sampledElsewhere(span.spanContext());
      this.#next.onStart(span, parentContext);
    }
  }

  /** Also of a span that waits: processors of the app take out here what must not be sent. */
  onEnding(span: Span): void {
    if (this.#traceOf(span.spanContext())?.state !== 'over') this.#next.onEnding?.(span);
  }

  onEnd(span: ReadableSpan): void {
    const spanContext = span instanceof CompletedSpan ? span.parentSpanContext : span.spanContext();
    const recorded = this.#traceOf(spanContext);
    if (recorded === undefined) {
      if (isEntry(span)) this.#isSlow(span);
      this.#next.onEnd(span);
    } else if (recorded.state === 'recorded') this.#ended(recorded, span);
    else if (recorded.state === 'kept') this.#endedAfter(recorded, span);
    else if (reasonOf(span) !== undefined) this.#refuse(recorded, 'error', 'too_late');
  }

  stateOf(trace: RecordedTrace): RecordedTrace['state'] {
    return this.ring.stateOf(trace);
  }

  keep(held: RecordedTrace, reason: KeepReason, why: string | undefined): boolean {
    const recorded = this.ring.live(held);
    if (recorded.state === 'kept') return true;
    if (recorded.state === 'over') return this.#refuse(recorded, reason, 'too_late');
    if (recorded.refused === reason || (recorded.postponed === reason && recorded.root?.ended === false)) return false;
    if (reason !== 'uncaught' && this.#isFull()) return this.#refuse(recorded, reason, 'queue_full');
    const { packed } = this.ring;
    const withRoot = recorded.root === undefined ? packed.restore(recorded, recorded) : undefined;
    const root = recorded.root ?? withRoot?.root;
    const most = reason === 'slow' && this.#slowSpans !== undefined ? ADAPTIVE_PER_MINUTE : undefined;
    if (!this.#limits.take(reason, root?.name ?? '', performance.now(), most)) return this.#limit(recorded, reason);
    this.counts.kept(reason);
    const ended = withRoot ?? packed.restore(recorded, recorded);
    this.ring.keep(recorded);
    root?.mark(ATTR_KEEP_REASON, reason);
    if (why !== undefined) root?.mark(ATTR_KEEP_WHY, why.slice(0, MAX_WHY));
    if (recorded.droppedCount > 0) root?.mark(ATTR_DROPPED_SPANS, recorded.droppedCount);
    this.#send(recorded, ended);
    if (root !== undefined) this.#notify(recorded.traceId, root.spanContext(), reason);
    return true;
  }

  forceFlush(): Promise<void> {
    return this.#next.forceFlush();
  }

  shutdown(): Promise<void> {
    this.#isShutDown = true;
    this.ring.clear();
    return this.#next.shutdown();
  }

  #started(recorded: RecordedTrace, span: Span): void {
    if (!recorded.hasRoot && span instanceof RecordedSpan) {
      recorded.root = span;
      recorded.hasRoot = true;
    }
    if (recorded.openCount++ === 0 && this.ring.open(recorded)) this.counts.recorded++;
    if (recorded.spanCount >= this.#maxSpans) return;
    recorded.spanCount++;
    recorded.hold(span);
    this.ring.grow(recorded, STARTED_BYTES);
  }

  #ended(recorded: RecordedTrace, span: ReadableSpan): void {
    const isCompleted = span instanceof CompletedSpan;
    const hasRoom = isCompleted ? recorded.spanCount < this.#maxSpans : recorded.release(span);
    const isSlow = isEntry(span) && this.#isSlow(span);
    const reason = reasonOf(span) ?? (isSlow ? 'slow' : undefined) ?? (span === recorded.root ? recorded.postponed : undefined);
    // One that had found no room is sent all the same.
    if (reason !== undefined && recorded.keep(reason)) {
      this.#sendHeld(span);
      return;
    }
    if (isCompleted && hasRoom) recorded.spanCount++;
    if (!isCompleted) recorded.openCount--;
    if (!isCompleted && hasRoom) this.ring.grow(recorded, -STARTED_BYTES);
    if (hasRoom) this.#hold(recorded, span);
    else recorded.droppedCount++;
    if (recorded.openCount === 0 && recorded.state === 'recorded') this.ring.rest(recorded, endOf(span));
  }

  /** Holds a span that has ended: packed, or as the object that it is. */
  #hold(recorded: RecordedTrace, span: ReadableSpan): void {
    const length = this.ring.packed.pack(span, recorded);
    if (length === 0) {
      recorded.hold(span);
      this.ring.grow(recorded, recordedSize(span));
      return;
    }
    if (span === recorded.root) recorded.root = undefined;
    this.ring.append(recorded, length);
  }

  #endedAfter(recorded: RecordedTrace, span: ReadableSpan): void {
    recorded.release(span);
    if (!(span instanceof CompletedSpan)) markSampled(span.spanContext());
    this.#next.onEnd(span);
  }

  /** Sends the spans that have ended; the others say from now on that they are sampled. */
  #send(recorded: RecordedTrace, ended: RestoredSpans): void {
    const objects = recorded.releaseAll();
    for (const span of ended.spans) this.#sendHeld(span);
    for (const span of objects) {
      if (span.ended) this.#sendHeld(span);
      else {
        recorded.hold(span);
        this.#tellOf(span);
      }
    }
  }

  #sendHeld(span: ReadableSpan): void {
    this.#tellOf(span);
    this.#next.onEnd(span);
  }

  /** Processors of the app have not seen it yet. */
  #tellOf(span: ReadableSpan): void {
    if (!(span instanceof RecordedSpan)) return;
    markSampled(span.spanContext());
    this.#next.onStart(span, contextAbove(span));
  }

  #notify(traceId: string, root: SpanContext, reason: KeepReason): void {
    try {
      notifyTraceKept({ traceId, root, reason });
    } catch (error) {
      warn('SIETCH246', error instanceof Error ? error.name : typeof error);
    }
  }

  /** Another process has kept a trace whose first half is here. */
  #sampledElsewhere({ traceId }: SpanContext): void {
    this.ring.find(traceId)?.keep('downstream');
  }

  #isSlow(span: ReadableSpan): boolean {
    const durationMs = durationOf(span);
    return this.#slowSpans?.isSlow(span.name, durationMs, endOf(span)) ?? durationMs >= this.#slowMs;
  }

  /** A root that is open may get its route's name still, which has a limit of its own: asked again then. */
  #limit(recorded: RecordedTrace, reason: KeepReason): false {
    if (recorded.root?.ended !== false) return this.#refuse(recorded, reason, 'rate_limit');
    recorded.postponed = reason;
    return false;
  }

  #refuse(recorded: RecordedTrace, reason: KeepReason, cause: 'too_late' | 'queue_full' | 'rate_limit'): false {
    if (recorded.refused !== reason) this.counts.refused(reason, cause);
    recorded.refused = reason;
    return false;
  }

  #traceOf(spanContext: SpanContext | undefined): RecordedTrace | undefined {
    const recording = recordingOf(spanContext);
    return recording instanceof RecordedTrace ? this.ring.live(recording) : undefined;
  }
}
