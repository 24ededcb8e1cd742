// Writes collected metrics in the two text formats that Prometheus reads. Made for speed: what stays the same between scrapes is made once.
// https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md, https://prometheus.io/docs/instrumenting/exposition_formats/
import type { InstrumentationScope } from '@opentelemetry/core';
import {
  DataPointType,
  type GaugeMetricData,
  type HistogramMetricData,
  type MetricData,
  type ResourceMetrics,
  type SumMetricData,
} from '@opentelemetry/sdk-metrics';
import { type BucketExemplars, type Exemplar, exemplarsOf } from './exemplars.js';
import { type Family, familyOf } from './family.js';
import { labelsOf, scopeLabels } from './labels.js';

/** `text` is the Prometheus text format 0.0.4, which has no exemplars. */
export type Format = 'openmetrics' | 'text';

/** Why a metric was left out. */
export type DropReason = 'conflict' | 'size' | 'format';

export interface ExpositionOptions {
  readonly format: Format;
  /** Metrics that come after this many characters are left out. */
  readonly maxLength: number;
  /** Called for each metric that is left out. */
  readonly onDrop?: (reason: DropReason, name: string) => void;
}

/** All of `metrics` as one text. */
export function writeExposition(metrics: ResourceMetrics, options: ExpositionOptions): string {
  const writer = new ExpositionWriter(metrics, options);
  for (const { scope, metrics: ofScope } of metrics.scopeMetrics) {
    for (const metric of ofScope) writer.write(scope, metric);
  }
  return writer.text();
}

interface OpenFamily {
  readonly family: Family;
  text: string;
}

class ExpositionWriter {
  readonly #options: ExpositionOptions;
  readonly #targetInfo: string;
  readonly #families: OpenFamily[] = [];
  readonly #byName = new Map<string, OpenFamily>();
  #length = 0;

  constructor(metrics: ResourceMetrics, options: ExpositionOptions) {
    this.#options = options;
    this.#targetInfo = targetInfo(metrics, options.format);
  }

  write(scope: InstrumentationScope, metric: MetricData): void {
    const open = this.#open(metric);
    if (open === undefined) return;
    const before = open.text.length;
    if (metric.dataPointType === DataPointType.HISTOGRAM) {
      open.text += histogramLines(open.family, metric, scope, this.#options.format);
    } else if (metric.dataPointType !== DataPointType.EXPONENTIAL_HISTOGRAM) {
      open.text += numberLines(open.family, metric, scope);
    }
    this.#length += open.text.length - before;
  }

  text(): string {
    let text = this.#targetInfo;
    for (const family of this.#families) text += family.text;
    return this.#options.format === 'openmetrics' ? `${text}# EOF\n` : text;
  }

  /** Two scopes may feed one family: it is written once, its points together. One name with two types would make the whole answer invalid. */
  #open(metric: MetricData): OpenFamily | undefined {
    const family = familyOf(metric);
    if (family === undefined) return this.#drop('format', metric);
    if (this.#length > this.#options.maxLength) return this.#drop('size', metric);
    const known = this.#byName.get(family.sampleName) ?? this.#byName.get(family.name);
    if (known !== undefined) return known.family.type === family.type ? known : this.#drop('conflict', metric);
    const open = { family, text: family.headers[this.#options.format] };
    this.#byName.set(family.sampleName, open).set(family.name, open);
    this.#families.push(open);
    return open;
  }

  #drop(reason: DropReason, metric: MetricData): undefined {
    this.#options.onDrop?.(reason, metric.descriptor.name);
  }
}

function targetInfo({ resource }: ResourceMetrics, format: Format): string {
  const labels = labelsOf(resource.attributes).slice(0, -1);
  if (labels === '') return '';
  const family = format === 'openmetrics' ? '# TYPE target info\n# HELP target' : '# TYPE target_info gauge\n# HELP target_info';
  return `${family} Attributes of the resource.\ntarget_info{${labels}} 1\n`;
}

function numberLines(family: Family, metric: SumMetricData | GaugeMetricData, scope: InstrumentationScope): string {
  const head = `${family.sampleName}{`;
  const tail = `${scopeLabels(scope)}} `;
  let lines = '';
  for (const { attributes, value } of metric.dataPoints) lines += `${head}${labelsOf(attributes)}${tail}${numberText(value)}\n`;
  return lines;
}

function histogramLines(family: Family, metric: HistogramMetricData, scope: InstrumentationScope, format: Format): string {
  const buckets = `${family.name}_bucket{`;
  const sum = `${family.name}_sum{`;
  const count = `${family.name}_count{`;
  const tail = scopeLabels(scope);
  let lines = '';
  for (const point of metric.dataPoints) {
    const { value } = point;
    const labels = labelsOf(point.attributes) + tail;
    lines += bucketLines(`${buckets}${labels},le="`, value.buckets, format, format === 'openmetrics' ? exemplarsOf(point) : undefined);
    if (value.sum !== undefined) lines += `${sum}${labels}} ${numberText(value.sum)}\n`;
    lines += `${count}${labels}} ${value.count}\n`;
  }
  return lines;
}

interface Buckets {
  readonly boundaries: number[];
  readonly counts: number[];
}

function bucketLines(base: string, { boundaries, counts }: Buckets, format: Format, exemplars: BucketExemplars | undefined): string {
  const bounds = boundTexts(boundaries, format);
  let lines = '';
  let total = 0;
  for (let index = 0; index < bounds.length; index++) {
    total += counts[index] ?? 0;
    const exemplar = exemplars?.[index];
    lines += base + bounds[index] + total + (exemplar === undefined ? '\n' : exemplarText(exemplar));
  }
  return lines;
}

const knownBounds = { openmetrics: new WeakMap<number[], string[]>(), text: new WeakMap<number[], string[]>() };

/** `0.005"} ` for each bucket: what stands between the labels and the number. */
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
