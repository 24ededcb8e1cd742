// Converts spans and log records to plain data that can be cloned to the main thread, and back into
// what the encoder takes.
import type { Link, SpanContext } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { parseTraceState } from '../context/trace-state.js';

type PlainContext = Omit<SpanContext, 'traceState'> & { readonly state?: string };
type PlainLink = Omit<Link, 'context'> & { readonly to: PlainContext };

export type PlainSpan = Omit<ReadableSpan, 'spanContext' | 'parentSpanContext' | 'links' | 'resource'> & {
  readonly context: PlainContext;
  readonly parent?: PlainContext;
  readonly plainLinks: readonly PlainLink[];
};

export type PlainLogRecord = Omit<ReadableLogRecord, 'spanContext' | 'resource'> & { readonly context?: PlainContext };

/** `thread.id` of the semantic conventions. */
const ATTR_THREAD_ID = 'thread.id';

export function toPlainSpan(span: ReadableSpan, threadId: number): PlainSpan {
  const { name, kind, startTime, endTime, status, events, duration, ended, instrumentationScope } = span;
  return {
    name,
    kind,
    startTime,
    endTime,
    status,
    events,
    duration,
    ended,
    instrumentationScope,
    attributes: { ...span.attributes, [ATTR_THREAD_ID]: threadId },
    droppedAttributesCount: span.droppedAttributesCount,
    droppedEventsCount: span.droppedEventsCount,
    droppedLinksCount: span.droppedLinksCount,
    context: toPlainContext(span.spanContext()),
    ...(span.parentSpanContext === undefined ? {} : { parent: toPlainContext(span.parentSpanContext) }),
    plainLinks: span.links.map(({ context, ...rest }) => ({ ...rest, to: toPlainContext(context) })),
  };
}

/** @param resource of this process; the thread's own differs only in service.instance.id */
export function fromPlainSpan({ context, parent, plainLinks, ...rest }: PlainSpan, resource: Resource): ReadableSpan {
  const spanContext = fromPlainContext(context);
  return {
    ...rest,
    resource,
    spanContext: () => spanContext,
    ...(parent === undefined ? {} : { parentSpanContext: fromPlainContext(parent) }),
    links: plainLinks.map(({ to, ...link }) => ({ ...link, context: fromPlainContext(to) })),
  };
}

export function toPlainLogRecord(record: ReadableLogRecord, threadId: number): PlainLogRecord {
  const { hrTime, hrTimeObserved, spanContext, severityText, severityNumber, body, eventName, instrumentationScope } = record;
  return {
    hrTime,
    hrTimeObserved,
    instrumentationScope,
    ...(severityText === undefined ? {} : { severityText }),
    ...(severityNumber === undefined ? {} : { severityNumber }),
    ...(body === undefined ? {} : { body }),
    ...(eventName === undefined ? {} : { eventName }),
    ...(spanContext === undefined ? {} : { context: toPlainContext(spanContext) }),
    attributes: { ...record.attributes, [ATTR_THREAD_ID]: threadId },
    droppedAttributesCount: record.droppedAttributesCount,
  };
}

export function fromPlainLogRecord({ context, ...rest }: PlainLogRecord, resource: Resource): ReadableLogRecord {
  return { ...rest, resource, ...(context === undefined ? {} : { spanContext: fromPlainContext(context) }) };
}

function toPlainContext({ traceState, ...rest }: SpanContext): PlainContext {
  return traceState === undefined ? rest : { ...rest, state: traceState.serialize() };
}

function fromPlainContext({ state, ...rest }: PlainContext): SpanContext {
  const traceState = state === undefined ? undefined : parseTraceState(state);
  return traceState === undefined ? rest : { ...rest, traceState };
}
