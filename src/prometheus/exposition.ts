// Writes collected metrics in the formats that Prometheus reads: this file the two texts. For speed,
// text that stays the same between scrapes is made once.
// https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md,
// https://prometheus.io/docs/instrumenting/exposition_formats/
import type { InstrumentationScope } from '@opentelemetry/core';
import {
  type DataPoint,
  DataPointType,
  type Histogram,
  type HistogramMetricData,
  type MetricData,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { exemplarOfPoint } from '../sdk/metrics/counter-point.js';
import type { BucketExemplars, Exemplar } from '../sdk/metrics/exemplar.js';
import { exemplarsOf, HistogramSnapshot } from '../sdk/metrics/histogram-snapshot.js';
import { type Family, sampleStart } from './family.js';
import { groupByFamily, type OnDrop } from './family-groups.js';
import type { Format, Syntax } from './format.js';
import { labelsOf, scopeLabels } from './labels.js';
import { type Naming, namingFor, type Translation } from './naming.js';
import { writeProtobuf } from './protobuf-exposition.js';
import { TextBuffer } from './text-buffer.js';

export interface ExpositionOptions {
  readonly format: Format;
  readonly translation: Translation;
  /** Metrics that come after this many bytes are left out. */
  readonly maxBytes: number;
  readonly onDrop?: OnDrop;
  /** Memory of an earlier answer, to write into. */
  readonly memory?: ArrayBufferLike | undefined;
}

/** A text format, with the names that it gives. */
interface TextFormat {
  readonly syntax: Exclude<Syntax, 'protobuf'>;
  readonly naming: Naming;
  /** Key of what a snapshot keeps for it. */
  readonly key: string;
}

/** Writes all of `metrics` as one answer. */
export function writeExposition(metrics: ResourceMetrics, options: ExpositionOptions): Buffer {
  const { format, maxBytes, onDrop } = options;
  const { syntax } = format;
  const naming = namingFor(options.translation, format.escaping);
  const groups = groupByFamily(metrics, syntax, naming, onDrop);
  if (syntax === 'protobuf') return writeProtobuf(metrics.resource, groups, naming, options);
  const text: TextFormat = { syntax, naming, key: `${syntax} ${naming.key}` };
  const out = new TextBuffer(options.memory);
  out.append(targetInfo(metrics, text));
  for (const { family, members } of groups) {
    if (out.length > maxBytes) {
      for (const [, metric] of members) onDrop?.('size', metric.descriptor.name);
      continue;
    }
    out.append(family.headers[syntax]);
    for (const [scope, metric] of members) writePoints(out, family, scope, metric, text);
  }
  if (syntax === 'openmetrics') out.append('# EOF\n');
  return out.toBuffer();
}

function targetInfo({ resource }: ResourceMetrics, { syntax, naming }: TextFormat): string {
  const labels = labelsOf(resource.attributes, naming).slice(0, -1);
  if (labels === '') return '';
  const family = syntax === 'openmetrics' ? '# TYPE target info\n# HELP target' : '# TYPE target_info gauge\n# HELP target_info';
  return `${family} Attributes of the resource.\ntarget_info{${labels}} 1\n`;
}

function writePoints(out: TextBuffer, family: Family, scope: InstrumentationScope, metric: MetricData, format: TextFormat): void {
  if (metric.dataPointType === DataPointType.HISTOGRAM) {
    writeHistogram(out, family, scope, metric, format);
  } else if (metric.dataPointType !== DataPointType.EXPONENTIAL_HISTOGRAM) {
    const start = sampleStart(family.sampleName);
    const tail = `${scopeLabels(scope, format.naming)}} `;
    // OpenMetrics has exemplars at counters and buckets only.
    const hasExemplars = format.syntax === 'openmetrics' && family.type === 'counter';
    for (const point of metric.dataPoints) {
      const exemplar = hasExemplars ? exemplarOfPoint(point) : undefined;
      const end = exemplar === undefined ? '\n' : exemplarText(exemplar);
      out.append(`${start}${labelsOf(point.attributes, format.naming)}${tail}${numberText(point.value)}${end}`);
    }
  }
}

function writeHistogram(
  out: TextBuffer,
  { name }: Family,
  scope: InstrumentationScope,
  metric: HistogramMetricData,
  format: TextFormat,
): void {
  const tail = scopeLabels(scope, format.naming);
  for (const point of metric.dataPoints) {
    const { value } = point;
    const snapshot = value instanceof HistogramSnapshot ? value : undefined;
    let lines = snapshot?.writtenIn(format.key);
    if (lines === undefined) {
      lines = Buffer.from(seriesLines(name, labelsOf(point.attributes, format.naming) + tail, point, format.syntax));
      snapshot?.keepWritten(format.key, lines);
    }
    out.appendBytes(lines);
  }
}

function seriesLines(name: string, labels: string, { value }: DataPoint<Histogram>, syntax: TextFormat['syntax']): string {
  const { buckets, sum, count } = value;
  const exemplars = syntax === 'openmetrics' ? exemplarsOf(value) : undefined;
  const lines = bucketLines(`${sampleStart(`${name}_bucket`)}${labels},le="`, buckets, syntax, exemplars);
  if (sum !== undefined) lines.push(sampleStart(`${name}_sum`), labels, '} ', numberText(sum), '\n');
  lines.push(sampleStart(`${name}_count`), labels, '} ', String(count), '\n');
  return lines.join('');
}

interface Buckets {
  readonly boundaries: number[];
  readonly counts: number[];
}

function bucketLines(
  base: string,
  { boundaries, counts }: Buckets,
  syntax: TextFormat['syntax'],
  exemplars: BucketExemplars | undefined,
): string[] {
  const bounds = boundTexts(boundaries, syntax);
  const lines: string[] = [];
  let total = 0;
  for (let index = 0; index < bounds.length; index++) {
    total += counts[index] ?? 0;
    const exemplar = exemplars?.[index];
    lines.push(base, bounds[index] ?? '', String(total), exemplar === undefined ? '\n' : exemplarText(exemplar));
  }
  return lines;
}

const knownBounds = { openmetrics: new WeakMap<number[], string[]>(), text: new WeakMap<number[], string[]>() };

/** `0.005"} ` for each bucket: the text between the labels and the number. */
function boundTexts(boundaries: number[], syntax: TextFormat['syntax']): readonly string[] {
  let texts = knownBounds[syntax].get(boundaries);
  if (texts === undefined) {
    texts = [...boundaries, Number.POSITIVE_INFINITY].map((bound) => `${boundText(bound, syntax)}"} `);
    knownBounds[syntax].set(boundaries, texts);
  }
  return texts;
}

/** OpenMetrics wants `1.0`; the text format has always had `1`. */
function boundText(bound: number, syntax: TextFormat['syntax']): string {
  return syntax === 'openmetrics' && Number.isInteger(bound) && Math.abs(bound) < 1e21 ? `${bound}.0` : numberText(bound);
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}

function exemplarText({ traceId, spanId, value, time }: Exemplar): string {
  const labels = traceId === '' ? '' : `trace_id="${traceId}",span_id="${spanId}"`;
  return ` # {${labels}} ${numberText(value)} ${time / 1000}\n`;
}
