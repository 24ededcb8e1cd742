// The flight recorder: traces that head sampling does not keep wait in a ring, and are sent whole
// when one of their spans gives a reason. A collector's tail sampling decides the same after all
// has been encoded and sent to it. Stands before the processors that export, which see of a
// recorded trace nothing until it is kept.
import { type Context, ROOT_CONTEXT, type SpanContext, SpanKind, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { SettingsOf } from '../../config/setting.js';
import { type KeepReason, notifyTraceKept, recordingOf, type TraceKeeper } from '../../context/trace-recording.js';
import { warn } from '../../diagnose/diagnostics.js';
import { CompletedSpan } from '../trace/completed-span.js';
import { RecordedSpan } from '../trace/recorded-span.js';
import type { SpanRecorder } from '../trace/tracer.js';
import { KeepLimits } from './keep-limits.js';
import { ATTR_DROPPED_SPANS, ATTR_KEEP_REASON, ATTR_KEEP_WHY } from './names.js';
import { recordedSize, STARTED_BYTES, TRACE_BYTES } from './recorded-size.js';
import { RecordedTrace, type TraceDecider } from './recorded-trace.js';
import { RecorderCounts } from './recorder-counts.js';
import { ADAPTIVE, type recorderSettings } from './settings.js';
import { SlowSpans } from './slow-spans.js';
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
    this.ring = new TraceRing(settings);
    this.#next = next;
    this.#isFull = isFull;
    this.#maxSpans = settings.spans;
    this.#limits = new KeepLimits(settings.perMinute);
    const isAdaptive = settings.slow.toLowerCase() === ADAPTIVE;
    this.#slowSpans = isAdaptive ? new SlowSpans() : undefined;
    this.#slowMs = isAdaptive || Number(settings.slow) === 0 ? Number.POSITIVE_INFINITY : Number(settings.slow);
  }

  recordingFor(traceId: string, parent: SpanContext | undefined): RecordedTrace | undefined {
    const ofParent = recordedTraceOf(parent);
    if (ofParent !== undefined) return ofParent.state === 'over' ? undefined : ofParent;
    const known = this.ring.find(traceId);
    // Below a span of this process that was not recorded, it would not be the whole trace.
    if (known !== undefined || (parent !== undefined && parent.isRemote !== true)) return known;
    if (this.#isShutDown) return undefined;
    const recorded = new RecordedTrace(traceId, this);
    this.counts.recorded++;
    this.ring.add(recorded);
    this.ring.grow(recorded, TRACE_BYTES);
    return recorded.state === 'recorded' ? recorded : undefined;
  }

  find(traceId: string): RecordedTrace | undefined {
    return this.ring.find(traceId);
  }

  onStart(span: Span, parentContext: Context): void {
    const recorded = recordedTraceOf(span.spanContext());
    if (recorded?.state === 'recorded') this.#started(recorded, span);
    else if (recorded?.state !== 'over') {
      if (recorded === undefined && span.parentSpanContext?.isRemote === true) this.#sampledElsewhere(span.spanContext());
      this.#next.onStart(span, parentContext);
    }
  }

  onEnding(span: Span): void {
    const recorded = recordedTraceOf(span.spanContext());
    if (recorded === undefined || recorded.state === 'kept') this.#next.onEnding?.(span);
  }

  onEnd(span: ReadableSpan): void {
    const spanContext = span instanceof CompletedSpan ? span.parentSpanContext : span.spanContext();
    const recorded = recordedTraceOf(spanContext);
    if (recorded === undefined) {
      if (isEntry(span)) this.#isSlow(span);
      this.#next.onEnd(span);
    } else if (recorded.state === 'recorded') this.#ended(recorded, span);
    else if (recorded.state === 'kept') this.#endedAfter(recorded, span);
    else if (reasonOf(span) !== undefined) this.#refuse(recorded, 'error', 'too_late');
  }

  keep(recorded: RecordedTrace, reason: KeepReason, why: string | undefined): boolean {
    if (recorded.state === 'over') return this.#refuse(recorded, reason, 'too_late');
    if (recorded.refused === reason) return false;
    const rootName = recorded.root?.name ?? '';
    const most = reason === 'slow' && this.#slowSpans !== undefined ? ADAPTIVE_PER_MINUTE : undefined;
    if (reason !== 'uncaught' && this.#isFull()) return this.#refuse(recorded, reason, 'queue_full');
    if (!this.#limits.take(reason, rootName, performance.now(), most)) return this.#refuse(recorded, reason, 'rate_limit');
    this.counts.kept(reason);
    this.ring.keep(recorded);
    recorded.root?.mark(ATTR_KEEP_REASON, reason);
    if (why !== undefined) recorded.root?.mark(ATTR_KEEP_WHY, why.slice(0, MAX_WHY));
    if (recorded.droppedCount > 0) recorded.root?.mark(ATTR_DROPPED_SPANS, recorded.droppedCount);
    this.#send(recorded);
    this.#notify(recorded, reason);
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
    if (recorded.root === undefined && span instanceof RecordedSpan) recorded.root = span;
    if (recorded.spans.length < this.#maxSpans) recorded.spans.push(span);
    else recorded.droppedCount++;
    if (recorded.openCount++ === 0) this.ring.reopen(recorded);
    this.ring.grow(recorded, STARTED_BYTES);
  }

  #ended(recorded: RecordedTrace, span: ReadableSpan): void {
    const isCompleted = span instanceof CompletedSpan;
    if (!isCompleted) recorded.openCount--;
    else if (recorded.spans.length < this.#maxSpans) recorded.spans.push(span);
    else recorded.droppedCount++;
    const isSlow = isEntry(span) && this.#isSlow(span);
    const reason = reasonOf(span) ?? (isSlow ? 'slow' : undefined);
    if (reason !== undefined) {
      // One that had found no room is sent all the same.
      const isListed = recorded.droppedCount === 0 || recorded.spans.includes(span);
      if (recorded.keep(reason)) {
        if (!isListed) this.#next.onEnd(span);
        return;
      }
    }
    if (recorded.openCount === 0) this.ring.rest(recorded);
    this.ring.grow(recorded, recordedSize(span));
  }

  #endedAfter(recorded: RecordedTrace, span: ReadableSpan): void {
    const { spans } = recorded;
    const at = spans.indexOf(span);
    if (at !== -1) spans.splice(at, 1);
    if (!(span instanceof CompletedSpan)) span.spanContext().traceFlags |= TraceFlags.SAMPLED;
    this.#next.onEnd(span);
  }

  /** Sends the spans that have ended; the others say from now on that they are sampled. */
  #send(recorded: RecordedTrace): void {
    for (const span of recorded.takeSpans()) {
      if (span instanceof RecordedSpan) {
        span.spanContext().traceFlags |= TraceFlags.SAMPLED;
        this.#next.onStart(span, contextAbove(span));
      }
      if (span.ended) this.#next.onEnd(span);
      else recorded.spans.push(span);
    }
  }

  #notify({ traceId, root }: RecordedTrace, reason: KeepReason): void {
    if (root === undefined) return;
    try {
      notifyTraceKept({ traceId, root: root.spanContext(), reason });
    } catch (error) {
      warn('SIETCH246', error instanceof Error ? error.name : typeof error);
    }
  }

  /** Another process has kept a trace whose first half is here. */
  #sampledElsewhere({ traceId }: SpanContext): void {
    this.ring.find(traceId)?.keep('downstream');
  }

  #isSlow(span: ReadableSpan): boolean {
    const durationMs = span instanceof RecordedSpan && span.durationMs !== undefined ? span.durationMs : millisOf(span.duration);
    return this.#slowSpans?.isSlow(span.name, durationMs, performance.now()) ?? durationMs >= this.#slowMs;
  }

  #refuse(recorded: RecordedTrace, reason: KeepReason, cause: 'too_late' | 'queue_full' | 'rate_limit'): false {
    if (recorded.refused !== reason) this.counts.refused(reason, cause);
    recorded.refused = reason;
    return false;
  }
}

function recordedTraceOf(spanContext: SpanContext | undefined): RecordedTrace | undefined {
  const recording = recordingOf(spanContext);
  return recording instanceof RecordedTrace ? recording : undefined;
}

function reasonOf(span: ReadableSpan): KeepReason | undefined {
  return span.status.code === SpanStatusCode.ERROR ? 'error' : undefined;
}

/** What comes into the process: its duration is what somebody has waited for. */
function isEntry({ kind }: ReadableSpan): boolean {
  return kind === SpanKind.SERVER || kind === SpanKind.CONSUMER;
}

function contextAbove({ parentSpanContext }: RecordedSpan): Context {
  return parentSpanContext === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parentSpanContext);
}

function millisOf([seconds, nanoseconds]: readonly [number, number]): number {
  return seconds * 1000 + nanoseconds / 1e6;
}
