// Writes collected metrics in the two text formats that Prometheus reads. For speed, text that
// stays the same between scrapes is made once.
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
import { type BucketExemplars, type Exemplar, exemplarsOf } from '../sdk/metrics/exemplar.js';
import { HistogramSnapshot } from '../sdk/metrics/histogram-snapshot.js';
import { type Family, familyOf } from './family.js';
import { labelsOf, scopeLabels } from './labels.js';
import { TextBuffer } from './text-buffer.js';

/** `text` is the Prometheus text format 0.0.4, which has no exemplars. */
export type Format = 'openmetrics' | 'text';

/** The reason why a metric was left out. */
export type DropReason = 'conflict' | 'size' | 'format';

export interface ExpositionOptions {
  readonly format: Format;
  /** Metrics that come after this many bytes are left out. */
  readonly maxBytes: number;
  /** Called for each metric that is left out. */
  readonly onDrop?: (reason: DropReason, name: string) => void;
  /** Memory of an earlier answer, to write into. */
  readonly memory?: ArrayBufferLike | undefined;
}

/** Metrics of one name, from one scope or several. */
interface Group {
  readonly family: Family;
  readonly members: (readonly [InstrumentationScope, MetricData])[];
}

/** Writes all of `metrics` as one UTF-8 text. */
export function writeExposition(metrics: ResourceMetrics, options: ExpositionOptions): Buffer {
  const { format, maxBytes, onDrop } = options;
  const out = new TextBuffer(options.memory);
  out.append(targetInfo(metrics, format));
  for (const { family, members } of groupByFamily(metrics, onDrop)) {
    if (out.length > maxBytes) {
      for (const [, metric] of members) onDrop?.('size', metric.descriptor.name);
      continue;
    }
    out.append(family.headers[format]);
    for (const [scope, metric] of members) writePoints(out, family, scope, metric, format);
  }
  if (format === 'openmetrics') out.append('# EOF\n');
  return out.toBuffer();
}

/**
 * The formats want all points of a family together. One name with two types would make the whole
 * answer invalid: the first type stays.
 */
function groupByFamily({ scopeMetrics }: ResourceMetrics, onDrop: ExpositionOptions['onDrop']): Group[] {
  const groups: Group[] = [];
  const byName = new Map<string, Group>();
  for (const { scope, metrics } of scopeMetrics) {
    for (const metric of metrics) {
      const family = familyOf(metric);
      const known = family && (byName.get(family.sampleName) ?? byName.get(family.name));
      if (family === undefined) onDrop?.('format', metric.descriptor.name);
      else if (known === undefined) {
        const group: Group = { family, members: [[scope, metric]] };
        groups.push(group);
        byName.set(family.sampleName, group).set(family.name, group);
      } else if (known.family.type === family.type) known.members.push([scope, metric]);
      else onDrop?.('conflict', metric.descriptor.name);
    }
  }
  return groups;
}

function targetInfo({ resource }: ResourceMetrics, format: Format): string {
  const labels = labelsOf(resource.attributes).slice(0, -1);
  if (labels === '') return '';
  const family = format === 'openmetrics' ? '# TYPE target info\n# HELP target' : '# TYPE target_info gauge\n# HELP target_info';
  return `${family} Attributes of the resource.\ntarget_info{${labels}} 1\n`;
}

function writePoints(out: TextBuffer, family: Family, scope: InstrumentationScope, metric: MetricData, format: Format): void {
  if (metric.dataPointType === DataPointType.HISTOGRAM) {
    writeHistogram(out, family, scope, metric, format);
  } else if (metric.dataPointType !== DataPointType.EXPONENTIAL_HISTOGRAM) {
    const tail = `${scopeLabels(scope)}} `;
    for (const { attributes, value } of metric.dataPoints) {
      out.append(`${family.sampleName}{${labelsOf(attributes)}${tail}${numberText(value)}\n`);
    }
  }
}

function writeHistogram(out: TextBuffer, { name }: Family, scope: InstrumentationScope, metric: HistogramMetricData, format: Format): void {
  const tail = scopeLabels(scope);
  for (const point of metric.dataPoints) {
    const { value } = point;
    const snapshot = value instanceof HistogramSnapshot ? value : undefined;
    let lines = snapshot?.writtenIn(format);
    if (lines === undefined) {
      lines = Buffer.from(seriesLines(name, labelsOf(point.attributes) + tail, point, format));
      snapshot?.keepWritten(format, lines);
    }
    out.appendBytes(lines);
  }
}

function seriesLines(name: string, labels: string, point: DataPoint<Histogram>, format: Format): string {
  const { buckets, sum, count } = point.value;
  const lines = bucketLines(`${name}_bucket{${labels},le="`, buckets, format, format === 'openmetrics' ? exemplarsOf(point) : undefined);
  if (sum !== undefined) lines.push(name, '_sum{', labels, '} ', numberText(sum), '\n');
  lines.push(name, '_count{', labels, '} ', String(count), '\n');
  return lines.join('');
}

interface Buckets {
  readonly boundaries: number[];
  readonly counts: number[];
}

function bucketLines(base: string, { boundaries, counts }: Buckets, format: Format, exemplars: BucketExemplars | undefined): string[] {
  const bounds = boundTexts(boundaries, format);
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
function boundTexts(boundaries: number[], format: Format): readonly string[] {
  let texts = knownBounds[format].get(boundaries);
  if (texts === undefined) {
    texts = [...boundaries, Number.POSITIVE_INFINITY].map((bound) => `${boundText(bound, format)}"} `);
    knownBounds[format].set(boundaries, texts);
  }
  return texts;
}

/** OpenMetrics wants `1.0`; the text format has always had `1`. */
function boundText(bound: number, format: Format): string {
  return format === 'openmetrics' && Number.isInteger(bound) && Math.abs(bound) < 1e21 ? `${bound}.0` : numberText(bound);
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}

function exemplarText({ traceId, spanId, value, time }: Exemplar): string {
  return ` # {trace_id="${traceId}",span_id="${spanId}"} ${numberText(value)} ${time / 1000}\n`;
}
