// Makes the bytes of span-writer.ts into spans again.
import type { HrTime, Link, SpanContext, SpanKind, SpanStatus, SpanStatusCode } from '@opentelemetry/api';
import { TraceState } from '@opentelemetry/core';
import type { ReadableSpan, TimedEvent } from '@opentelemetry/sdk-trace';
import { RECORDED_STATE } from '../../context/recorded-mark.js';
import { joinRecording, type TraceRecording } from '../../context/trace-recording.js';
import { CompletedSpan, SpanShape } from '../trace/completed-span.js';
import { ConstantAttributes } from '../trace/constant-attributes.js';
import { RecordedSpan } from '../trace/recorded-span.js';
import { type EndedSpan, type EndedSpanMore, UNSET } from '../trace/span-start.js';
import {
  COMPLETED,
  HAS_CONSTANTS,
  HAS_MORE,
  HAS_PARENT,
  HAS_STATUS,
  HAS_TIMES_GIVEN,
  IS_PARENT_REMOTE,
  IS_ROOT,
  NO_ID,
  NO_STATE,
  OWN_STATE,
  SAME_ID,
} from './packed-format.js';
import { PackedReader } from './packed-reader.js';
import type { SpanVocabulary } from './shared-values.js';

export interface RestoredSpans {
  /** In the order in which they have ended. */
  readonly spans: readonly ReadableSpan[];
  /** The first span of the trace in this process, if it is one of them. */
  readonly root: RecordedSpan | undefined;
}

const SPAN_ID_DIGITS = 16;
const TRACE_ID_DIGITS = 32;

export class SpanReader {
  readonly #vocabulary: SpanVocabulary;
  readonly #values: PackedReader;
  readonly #recording: TraceRecording;
  #root: RecordedSpan | undefined = undefined;
  #lastParentId = '';

  constructor(bytes: Buffer, vocabulary: SpanVocabulary, recording: TraceRecording) {
    this.#values = new PackedReader(bytes, vocabulary);
    this.#vocabulary = vocabulary;
    this.#recording = recording;
  }

  readAll(): RestoredSpans {
    const spans: ReadableSpan[] = [];
    while (!this.#values.isAtEnd) {
      const parts = this.#values.byte();
      spans.push(parts === COMPLETED ? this.#readCompleted() : this.#readStarted(parts));
      this.#values.endSpan();
    }
    return { spans, root: this.#root };
  }

  #readCompleted(): CompletedSpan {
    const values = this.#values;
    const host = known(this.#vocabulary.hosts.get(values.count()));
    const shape = this.#readShape();
    const spanId = values.byte() === NO_ID ? undefined : values.id(SPAN_ID_DIGITS);
    const parent: SpanContext = { traceId: this.#recording.traceId, spanId: this.#readParentId(), traceFlags: 0 };
    this.#readState(parent);
    const [startMs, durationMs] = [values.number(), values.number()];
    const own = values.attributes();
    return new CompletedSpan(host, shape, own, parent, spanId, startMs, durationMs);
  }

  #readShape(): SpanShape {
    const values = this.#values;
    const number = values.count();
    if (number > 0) return known(this.#vocabulary.shapes.get(number - 1));
    const kind: SpanKind = values.byte();
    return new SpanShape(values.word(), kind, new ConstantAttributes(values.attributes()));
  }

  #readStarted(parts: number): RecordedSpan {
    const values = this.#values;
    const host = known(this.#vocabulary.hosts.get(values.count()));
    const traceFlags = values.byte();
    const spanContext: SpanContext = { traceId: this.#recording.traceId, spanId: values.id(SPAN_ID_DIGITS), traceFlags };
    this.#readState(spanContext);
    joinRecording(spanContext, this.#recording);
    const parent = (parts & HAS_PARENT) === 0 ? undefined : this.#readParent(spanContext, (parts & IS_PARENT_REMOTE) !== 0);
    const kind: SpanKind = values.byte();
    const name = values.word();
    const times = this.#readTimes((parts & HAS_TIMES_GIVEN) !== 0);
    const constants = (parts & HAS_CONSTANTS) === 0 ? undefined : this.#vocabulary.constants.get(values.count());
    const own = values.attributes();
    const status = (parts & HAS_STATUS) === 0 ? UNSET : this.#readStatus();
    const more = (parts & HAS_MORE) === 0 ? undefined : this.#readMore();
    const span = RecordedSpan.restore(host, { spanContext, parent, kind, name, times, constants, own, status, more });
    if ((parts & IS_ROOT) !== 0) this.#root = span;
    return span;
  }

  #readParent({ traceId, traceState }: SpanContext, isRemote: boolean): SpanContext {
    const parent: SpanContext = { traceId, spanId: this.#readParentId(), traceFlags: this.#values.byte() };
    if (traceState !== undefined) parent.traceState = traceState;
    if (isRemote) parent.isRemote = true;
    return parent;
  }

  #readParentId(): string {
    if (this.#values.byte() !== SAME_ID) this.#lastParentId = this.#values.id(SPAN_ID_DIGITS);
    return this.#lastParentId;
  }

  #readTimes(areGiven: boolean): EndedSpan['times'] {
    if (areGiven) return { startTime: this.#readTime(), endTime: this.#readTime() };
    return { startMs: this.#values.number(), durationMs: this.#values.number() };
  }

  #readTime(): HrTime {
    return [this.#values.number(), this.#values.number()];
  }

  #readStatus(): SpanStatus {
    const code: SpanStatusCode = this.#values.byte();
    const message = this.#values.text();
    return message === '' ? { code } : { code, message };
  }

  #readMore(): EndedSpanMore {
    const values = this.#values;
    const [droppedAttributes, droppedEvents, droppedLinks] = [values.count(), values.count(), values.count()];
    const events = Array.from({ length: values.count() }, () => this.#readEvent());
    const links = Array.from({ length: values.count() }, () => this.#readLink());
    return { droppedAttributes, droppedEvents, droppedLinks, events, links };
  }

  #readEvent(): TimedEvent {
    const values = this.#values;
    return { time: this.#readTime(), name: values.word(), droppedAttributesCount: values.count(), attributes: values.attributes() };
  }

  #readLink(): Link {
    const values = this.#values;
    const [traceId, spanId] = [values.id(TRACE_ID_DIGITS), values.id(SPAN_ID_DIGITS)];
    const context: SpanContext = { traceId, spanId, traceFlags: values.byte() };
    if (values.byte() === 1) context.isRemote = true;
    this.#readState(context);
    const droppedAttributesCount = values.count();
    const attributes = values.attributes();
    return { context, attributes, ...(droppedAttributesCount > 0 ? { droppedAttributesCount } : {}) };
  }

  #readState(spanContext: SpanContext): void {
    const kind = this.#values.byte();
    if (kind !== NO_STATE) spanContext.traceState = kind === OWN_STATE ? RECORDED_STATE : new TraceState(this.#values.text());
  }
}

/** What the bytes refer to is held for as long as they are. */
function known<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new RangeError('The bytes of a span refer to nothing');
  return value;
}
