// Encodes spans as an ExportTraceServiceRequest of OTLP (opentelemetry.proto.trace.v1). Upstream's
// serializer goes through each span twice, encodes every text anew and allocates objects for it;
// that was most of the cost of a span.
import { type HrTime, type Link, type SpanStatus, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan, TimedEvent } from '@opentelemetry/sdk-trace';
import { CompletedSpan, type SpanShape } from '../sdk/trace/completed-span.js';
import type { ConstantAttributes } from '../sdk/trace/constant-attributes.js';
import { RecordedSpan } from '../sdk/trace/recorded-span.js';
import { AttributeEncoder } from './attribute-encoder.js';
import { FIXED32, FIXED64, LENGTH_DELIMITED, ProtobufWriter, VARINT } from './protobuf-writer.js';

/**
 * Bytes of the lengths of most messages: of a scope or status, of a span or an event, of all spans
 * of a scope.
 */
const SHORT = 1;
const MEDIUM = 2;
const LONG = 3;

/** Field number in a span. */
const ATTRIBUTES = 9;
const HAS_IS_REMOTE = 0x100;
const IS_REMOTE = 0x200;

const TRACE_ID_DIGITS = 32;
const SPAN_ID_DIGITS = 16;

const writer = new ProtobufWriter();
const attributeEncoder = new AttributeEncoder();

/** Spans of one resource, by their scope. */
type SpansByScope = Map<InstrumentationScope, ReadableSpan[]>;

/** @throws for a span without valid ids, and whatever a getter of a span throws */
export function encodeSpans(spans: readonly ReadableSpan[]): Uint8Array {
  try {
    for (const [resource, byScope] of groupSpans(spans)) writeResourceSpans(resource, byScope);
  } catch (error) {
    writer.take();
    throw error;
  }
  return writer.take();
}

function groupSpans(spans: readonly ReadableSpan[]): Map<Resource, SpansByScope> {
  const groups = new Map<Resource, SpansByScope>();
  for (const span of spans) {
    let byScope = groups.get(span.resource);
    if (byScope === undefined) {
      byScope = new Map();
      groups.set(span.resource, byScope);
    }
    const inScope = byScope.get(span.instrumentationScope);
    if (inScope === undefined) byScope.set(span.instrumentationScope, [span]);
    else inScope.push(span);
  }
  return groups;
}

function writeResourceSpans(resource: Resource, byScope: SpansByScope): void {
  writer.tag(1, LENGTH_DELIMITED);
  const start = writer.begin(LONG);
  writer.tag(1, LENGTH_DELIMITED);
  const resourceStart = writer.begin(MEDIUM);
  attributeEncoder.write(writer, 1, resource.attributes);
  writer.end(resourceStart, MEDIUM);
  for (const [scope, spans] of byScope) writeScopeSpans(scope, spans);
  writeText(3, resource.schemaUrl);
  writer.end(start, LONG);
}

function writeScopeSpans(scope: InstrumentationScope, spans: readonly ReadableSpan[]): void {
  writer.tag(2, LENGTH_DELIMITED);
  const start = writer.begin(LONG);
  writer.tag(1, LENGTH_DELIMITED);
  const scopeStart = writer.begin(SHORT);
  writeText(1, scope.name);
  writeText(2, scope.version);
  writer.end(scopeStart, SHORT);
  for (const span of spans) {
    if (span instanceof CompletedSpan) writeCompletedSpan(span);
    else writeSpan(span);
  }
  writeText(3, scope.schemaUrl);
  writer.end(start, LONG);
}

function writeSpan(span: ReadableSpan): void {
  const { traceId, spanId, traceState, traceFlags } = span.spanContext();
  const parent = span.parentSpanContext;
  // A collector refuses a whole request for one id of another length.
  if (traceId.length !== TRACE_ID_DIGITS || spanId.length !== SPAN_ID_DIGITS) throw new RangeError('The span has no valid ids');
  writer.tag(2, LENGTH_DELIMITED);
  const start = writer.begin(MEDIUM);
  writer.tag(1, LENGTH_DELIMITED);
  writer.hex(traceId);
  writer.tag(2, LENGTH_DELIMITED);
  writer.hex(spanId);
  writeText(3, traceState?.serialize());
  if (parent !== undefined && parent.spanId !== '') {
    writer.tag(4, LENGTH_DELIMITED);
    writer.hex(parent.spanId);
  }
  writeText(5, span.name);
  writeCount(6, span.kind + 1);
  if (span instanceof RecordedSpan && span.durationMs !== undefined) writeTimes(span.startMs, span.durationMs);
  else {
    writeTime(7, span.startTime);
    writeTime(8, span.endTime);
  }
  writeAttributes(span);
  writeCount(10, span.droppedAttributesCount);
  for (const event of span.events) writeEvent(event);
  writeCount(12, span.droppedEventsCount);
  for (const link of span.links) writeLink(link);
  writeCount(14, span.droppedLinksCount);
  writeStatus(span.status);
  writeFlags(16, traceFlags, parent?.isRemote);
  writer.end(start, MEDIUM);
}

/**
 * The same as writeSpan for the fields of a completed span. The order of fields does not matter.
 */
function writeCompletedSpan({ parentSpanContext: parent, spanId, shape, own, startMs, durationMs }: CompletedSpan): void {
  writer.tag(2, LENGTH_DELIMITED);
  const start = writer.begin(MEDIUM);
  writer.tag(1, LENGTH_DELIMITED);
  writer.hex(parent.traceId);
  writer.tag(2, LENGTH_DELIMITED);
  writer.hex(spanId);
  writeText(3, parent.traceState?.serialize());
  writer.tag(4, LENGTH_DELIMITED);
  writer.hex(parent.spanId);
  writeTimes(startMs, durationMs);
  if (shape.encoded === undefined) writeShape(shape);
  else writer.raw(shape.encoded);
  if (own !== undefined) attributeEncoder.write(writer, ATTRIBUTES, own);
  writer.end(start, MEDIUM);
}

/** Writes what is the same in each span of the shape; their parents are spans of this process. */
function writeShape(shape: SpanShape): void {
  const start = writer.length;
  writer.tag(5, LENGTH_DELIMITED);
  writer.string(shape.name);
  writeCount(6, shape.kind + 1);
  attributeEncoder.write(writer, ATTRIBUTES, shape.constants.values);
  writer.tag(16, FIXED32);
  writer.fixed32(TraceFlags.SAMPLED | HAS_IS_REMOTE);
  keepFrom(start, shape);
}

/**
 * Keeps the bytes of what many spans share when they are written for the second time: a statement
 * that never comes again would pay for a copy that nobody reads.
 */
function keepFrom(start: number, shared: SpanShape | ConstantAttributes): void {
  if (shared.isWritten) shared.encoded = writer.copy(start);
  shared.isWritten = true;
}

/** Writes the attributes; constant ones are encoded all together. */
function writeAttributes(span: ReadableSpan): void {
  const constants = span instanceof RecordedSpan ? span.constants : undefined;
  if (constants === undefined) {
    attributeEncoder.write(writer, ATTRIBUTES, span.attributes);
    return;
  }
  if (constants.encoded === undefined) writeConstants(constants);
  else writer.raw(constants.encoded);
  const own = span instanceof RecordedSpan ? span.ownAttributes : undefined;
  if (own !== undefined) attributeEncoder.write(writer, ATTRIBUTES, own);
}

function writeConstants(constants: ConstantAttributes): void {
  const start = writer.length;
  attributeEncoder.write(writer, ATTRIBUTES, constants.values);
  keepFrom(start, constants);
}

function writeEvent({ time, name, attributes, droppedAttributesCount }: TimedEvent): void {
  writer.tag(11, LENGTH_DELIMITED);
  const start = writer.begin(MEDIUM);
  writeTime(1, time);
  writeText(2, name);
  if (attributes !== undefined) attributeEncoder.write(writer, 3, attributes);
  writeCount(4, droppedAttributesCount);
  writer.end(start, MEDIUM);
}

function writeLink({ context, attributes, droppedAttributesCount }: Link): void {
  writer.tag(13, LENGTH_DELIMITED);
  const start = writer.begin(SHORT);
  writer.tag(1, LENGTH_DELIMITED);
  writer.hex(context.traceId);
  writer.tag(2, LENGTH_DELIMITED);
  writer.hex(context.spanId);
  writeText(3, context.traceState?.serialize());
  if (attributes !== undefined) attributeEncoder.write(writer, 4, attributes);
  writeCount(5, droppedAttributesCount);
  writeFlags(6, context.traceFlags, context.isRemote);
  writer.end(start, SHORT);
}

/** Absent means unset. */
function writeStatus({ code, message }: SpanStatus): void {
  if (code === SpanStatusCode.UNSET && !message) return;
  writer.tag(15, LENGTH_DELIMITED);
  const start = writer.begin(SHORT);
  writeText(2, message);
  writeCount(3, code);
  writer.end(start, SHORT);
}

function writeFlags(field: number, traceFlags: number, isRemote: boolean | undefined): void {
  writer.tag(field, FIXED32);
  writer.fixed32((traceFlags & 0xff) | HAS_IS_REMOTE | (isRemote === true ? IS_REMOTE : 0));
}

/** Writes start and end of a span that was measured in ms. */
function writeTimes(startMs: number, durationMs: number): void {
  const seconds = Math.trunc(startMs / 1000);
  const nanoseconds = Math.round((startMs % 1000) * 1e6);
  writer.tag(7, FIXED64);
  writer.time(seconds, nanoseconds);
  const endNanoseconds = nanoseconds + Math.round(durationMs * 1e6);
  const carry = Math.floor(endNanoseconds / 1e9);
  writer.tag(8, FIXED64);
  writer.time(seconds + carry, endNanoseconds - carry * 1e9);
}

function writeTime(field: number, time: HrTime): void {
  writer.tag(field, FIXED64);
  writer.time(time[0], time[1]);
}

/** Writes a text; an empty one is left out, since absence means the same. */
function writeText(field: number, text: string | undefined): void {
  if (text === undefined || text === '') return;
  writer.tag(field, LENGTH_DELIMITED);
  writer.string(text);
}

/** Writes a number; 0 is left out, since absence means the same. */
function writeCount(field: number, count: number | undefined): void {
  if (count === undefined || count === 0) return;
  writer.tag(field, VARINT);
  writer.varint(count);
}
