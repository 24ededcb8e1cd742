// Writes spans that have ended into bytes, which span-reader.ts makes into spans again.
import { type Link, type SpanContext, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import type { ReadableSpan, TimedEvent } from '@opentelemetry/sdk-trace';
import { RECORDED_STATE } from '../../context/recorded-mark.js';
import { CompletedSpan, type SpanShape } from '../trace/completed-span.js';
import { RecordedSpan } from '../trace/recorded-span.js';
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
  OTHER_STATE,
  OWN_ID,
  OWN_STATE,
  SAME_ID,
} from './packed-format.js';
import { PackedWriter } from './packed-writer.js';
import { NO_NUMBER, type SpanVocabulary } from './shared-values.js';

/** What is to be known of the trace of a span. */
export interface PackedTrace {
  /** The first span of the trace in this process. */
  readonly root: ReadableSpan | undefined;
  /** The parent of the span that was packed last. */
  lastParentId: string | undefined;
}

export class SpanWriter {
  readonly #vocabulary: SpanVocabulary;
  readonly #values: PackedWriter;

  constructor(vocabulary: SpanVocabulary) {
    this.#vocabulary = vocabulary;
    this.#values = new PackedWriter(vocabulary);
  }

  /** Where it writes. */
  get words(): Int32Array {
    return this.#values.words;
  }

  /** The length of what was written; 0 for a span that cannot be. */
  write(span: ReadableSpan, trace: PackedTrace): number {
    this.#values.begin();
    const isCompleted = span instanceof CompletedSpan;
    if (!isCompleted && !(span instanceof RecordedSpan)) return 0;
    const length = isCompleted ? this.#writeCompleted(span, trace) : this.#writeStarted(span, trace);
    const parentId = span.parentSpanContext?.spanId;
    if (length > 0 && parentId !== undefined) trace.lastParentId = parentId;
    return length;
  }

  #writeCompleted(span: CompletedSpan, trace: PackedTrace): number {
    const host = this.#vocabulary.hosts.numberOf(span.host);
    if (host === NO_NUMBER) return 0;
    const shape = this.#vocabulary.shapes.numberOf(span.shape);
    const values = this.#values;
    const { parentSpanContext: parent } = span;
    values.byte(COMPLETED);
    values.count(host);
    values.count(shape + 1);
    if (shape === NO_NUMBER) this.#writeShape(span.shape);
    const { knownSpanId } = span;
    values.byte(knownSpanId === undefined ? NO_ID : OWN_ID);
    if (knownSpanId !== undefined) values.id(knownSpanId);
    this.#writeParentId(parent.spanId, trace);
    this.#writeState(parent);
    values.number(span.startMs);
    values.number(span.durationMs);
    values.attributes(span.own);
    return values.end();
  }

  /** Past the bound of the vocabulary, as where each statement is another one. */
  #writeShape({ kind, name, constants }: SpanShape): void {
    this.#values.byte(kind);
    this.#values.name(name);
    this.#values.attributes(constants.values);
  }

  #writeStarted(span: RecordedSpan, trace: PackedTrace): number {
    const host = this.#vocabulary.hosts.numberOf(span.host);
    if (host === NO_NUMBER) return 0;
    const values = this.#values;
    const { constants: given, durationMs, parentSpanContext: parent } = span;
    const constants = given === undefined ? NO_NUMBER : this.#vocabulary.constants.numberOf(given);
    const parts =
      (span === trace.root ? IS_ROOT : 0) |
      (parent === undefined ? 0 : HAS_PARENT) |
      (parent?.isRemote === true ? IS_PARENT_REMOTE : 0) |
      (durationMs === undefined ? HAS_TIMES_GIVEN : 0) |
      (constants === NO_NUMBER ? 0 : HAS_CONSTANTS) |
      (span.status.code === SpanStatusCode.UNSET ? 0 : HAS_STATUS) |
      (hasMore(span) ? HAS_MORE : 0);
    const spanContext = span.spanContext();
    values.byte(parts);
    values.count(host);
    values.byte(spanContext.traceFlags & ~TraceFlags.SAMPLED);
    values.id(spanContext.spanId);
    this.#writeState(spanContext);
    if (parent !== undefined) {
      this.#writeParentId(parent.spanId, trace);
      values.byte(parent.traceFlags);
    }
    values.byte(span.kind);
    values.name(span.name);
    if (durationMs === undefined) for (const part of [...span.startTime, ...span.endTime]) values.number(part);
    else {
      values.number(span.startMs);
      values.number(durationMs);
    }
    if (constants !== NO_NUMBER) values.count(constants);
    // Past the bound of the vocabulary constants are written out with the others.
    values.attributes(constants !== NO_NUMBER || given === undefined ? span.ownAttributes : span.attributes);
    if (span.status.code !== SpanStatusCode.UNSET) {
      values.byte(span.status.code);
      values.text(span.status.message ?? '');
    }
    if (hasMore(span)) this.#writeMore(span);
    return values.end();
  }

  #writeParentId(spanId: string, { lastParentId }: PackedTrace): void {
    const values = this.#values;
    const isSame = spanId === lastParentId;
    values.byte(isSame ? SAME_ID : OWN_ID);
    if (!isSame) values.id(spanId);
  }

  #writeMore(span: RecordedSpan): void {
    const values = this.#values;
    values.count(span.droppedAttributesCount);
    values.count(span.droppedEventsCount);
    values.count(span.droppedLinksCount);
    values.count(span.events.length);
    for (const event of span.events) this.#writeEvent(event);
    values.count(span.links.length);
    for (const link of span.links) this.#writeLink(link);
  }

  #writeEvent({ time, name, attributes, droppedAttributesCount }: TimedEvent): void {
    const values = this.#values;
    values.number(time[0]);
    values.number(time[1]);
    values.name(name);
    values.count(droppedAttributesCount ?? 0);
    values.attributes(attributes);
  }

  #writeLink({ context, attributes, droppedAttributesCount }: Link): void {
    const values = this.#values;
    values.id(context.traceId);
    values.id(context.spanId);
    values.byte(context.traceFlags);
    values.byte(context.isRemote === true ? 1 : 0);
    this.#writeState(context);
    values.count(droppedAttributesCount ?? 0);
    values.attributes(attributes);
  }

  #writeState({ traceState }: SpanContext): void {
    const values = this.#values;
    if (traceState === undefined) values.byte(NO_STATE);
    else if (traceState === RECORDED_STATE) values.byte(OWN_STATE);
    else {
      values.byte(OTHER_STATE);
      values.text(traceState.serialize());
    }
  }
}

function hasMore({ events, links, droppedAttributesCount, droppedEventsCount, droppedLinksCount }: RecordedSpan): boolean {
  return events.length > 0 || links.length > 0 || droppedAttributesCount > 0 || droppedEventsCount > 0 || droppedLinksCount > 0;
}
