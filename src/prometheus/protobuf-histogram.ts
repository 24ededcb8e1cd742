// Writes the value of a histogram in the protobuf format of Prometheus: classic buckets, native ones
// where exponential buckets are counted, and exemplars.
import type { ExponentialHistogram, Histogram } from '@opentelemetry/sdk-metrics';
import { MEDIUM, type MessageWriter, SHORT } from '../export/message-writer.js';
import type { Exemplar } from '../sdk/metrics/exemplar.js';
import { exemplarsOf, HistogramSnapshot } from '../sdk/metrics/histogram-snapshot.js';
import type { Label } from './labels.js';
import { type NativeBuckets, nativeBuckets, schemaOf } from './native-buckets.js';

export type HistogramValue = Histogram | ExponentialHistogram;

export function writeHistogramValue(writer: MessageWriter, value: HistogramValue): void {
  writer.unsigned(1, value.count);
  writer.number(2, value.sum);
  if ('buckets' in value) writeClassic(writer, value);
  const exponential = 'positive' in value ? value : value instanceof HistogramSnapshot ? value.exponential : undefined;
  if (exponential !== undefined) writeNative(writer, exponential);
}

export function writeLabel(writer: MessageWriter, [name, value]: Label): void {
  writer.message(1, SHORT, () => {
    writer.text(1, name);
    writer.text(2, value);
  });
}

function writeClassic(writer: MessageWriter, value: Histogram): void {
  const { boundaries, counts } = value.buckets;
  const exemplars = exemplarsOf(value);
  let cumulative = 0;
  for (const [bucket, count] of counts.entries()) {
    cumulative += count;
    const exemplar = exemplars?.[bucket];
    writer.message(3, SHORT, () => {
      writer.unsigned(1, cumulative);
      writer.number(2, boundaries[bucket] ?? Number.POSITIVE_INFINITY);
      if (exemplar !== undefined) writeExemplar(writer, 3, exemplar);
    });
  }
}

function writeNative(writer: MessageWriter, value: ExponentialHistogram): void {
  const schema = schemaOf(value);
  if (schema === undefined) return;
  writer.signed(5, schema);
  writer.number(6, 0);
  writer.unsigned(7, value.zeroCount);
  writeBuckets(writer, 9, nativeBuckets(value.negative, value.scale, schema));
  writeBuckets(writer, 12, nativeBuckets(value.positive, value.scale, schema));
  for (const exemplar of exemplarsOf(value) ?? []) if (exemplar !== undefined) writeExemplar(writer, 16, exemplar);
}

/** Spans, and their deltas in the field after them. */
function writeBuckets(writer: MessageWriter, field: number, { spans, deltas }: NativeBuckets): void {
  for (const { offset, length } of spans) {
    writer.message(field, SHORT, () => {
      writer.signed(1, offset);
      writer.unsigned(2, length);
    });
  }
  if (deltas.length === 0) return;
  writer.message(field + 1, MEDIUM, () => {
    for (const delta of deltas) writer.zigzag(delta);
  });
}

export function writeExemplar(writer: MessageWriter, field: number, { traceId, spanId, value, time }: Exemplar): void {
  writer.message(field, SHORT, () => {
    if (traceId !== '') {
      writeLabel(writer, ['trace_id', traceId]);
      writeLabel(writer, ['span_id', spanId]);
    }
    writer.number(2, value);
    writer.message(3, SHORT, () => {
      writer.unsigned(1, Math.floor(time / 1000));
      writer.unsigned(2, (time % 1000) * 1e6);
    });
  });
}
