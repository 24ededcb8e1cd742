// Reads the text formats of Prometheus and OpenMetrics as metrics: what a scraped endpoint answers.
// https://prometheus.io/docs/specs/om/open_metrics_spec/

import type { Attributes, Exemplar, Metric, MetricPoint, Origin } from './telemetry.js';

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly exemplar: Exemplar | undefined;
}

interface Family {
  readonly name: string;
  type: string;
  help: string;
  unit: string;
  readonly samples: Sample[];
}

const MAX_SAMPLES = 100_000;
const SUFFIXES = /_(?:total|bucket|sum|count|created|info)$/;
const COMMENT = /^# (TYPE|HELP|UNIT) ("(?:[^"\\]|\\.)*"|\S+) ?(.*)$/;
const NUMBER = /^(?:[+-]?(?:\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+|Inf|Infinity)|NaN)$/i;

/**
 * @param at time of the scrape
 * @param address stands for the name of the service, where `target_info` does not say it
 */
export function readPrometheusText(text: string, at: bigint, address: string): Metric[] {
  const families = readFamilies(text, at);
  const target = families.get('target')?.samples[0]?.labels ?? {};
  const service = target['service_name'] ?? target['service.name'] ?? address;
  const resource = {
    'service.name': service,
    'service.instance.id': target['service_instance_id'] ?? target['service.instance.id'] ?? address,
  };
  const origin: Origin = { service, resource, resourceSchemaUrl: '', scope: { name: '', version: '', schemaUrl: '', attributes: {} } };
  return [...families.values()]
    .filter(({ name, type }) => name !== 'target' && type !== 'info')
    .map((family) => metricOf(family, origin, at));
}

function readFamilies(text: string, at: bigint): Map<string, Family> {
  const families = new Map<string, Family>();
  let samples = 0;
  for (const line of text.split('\n')) {
    const [, keyword, quoted = '', rest = ''] = COMMENT.exec(line) ?? [];
    if (keyword !== undefined) describe(familyOf(families, unquoted(quoted)), keyword, rest);
    if (line === '' || line.startsWith('#')) continue;
    const sample = readSample(line, at);
    if (sample === undefined || ++samples > MAX_SAMPLES) continue;
    const base = sample.name.replace(SUFFIXES, '');
    const family = families.get(sample.name) ?? families.get(base) ?? familyOf(families, sample.name);
    family.samples.push(sample);
  }
  for (const [name, family] of families) if (family.samples.length === 0) families.delete(name);
  return families;
}

function familyOf(families: Map<string, Family>, declared: string): Family {
  // The older format declares a counter with its suffix, and `target_info` as a gauge.
  const name = declared === 'target_info' ? 'target' : declared;
  const known = families.get(name) ?? { name, type: 'unknown', help: '', unit: '', samples: [] };
  families.set(name, known);
  return known;
}

function describe(family: Family, keyword: string, text: string): void {
  if (keyword === 'TYPE') family.type = text.trim();
  else if (keyword === 'UNIT') family.unit = text.trim();
  else family.help = text.slice(0, 1_000);
}

/** `name{label="value",…} value timestamp # {trace_id="…"} value timestamp`; undefined for anything else. */
function readSample(line: string, at: bigint): Sample | undefined {
  const [, outside = ''] = /^([^\s{]*)/.exec(line) ?? [];
  const labels = line[outside.length] === '{' ? readLabels(line, outside.length) : { end: outside.length, values: {}, name: '' };
  if (labels === undefined) return undefined;
  const [measured = '', exemplar] = line.slice(labels.end).split(' # ');
  const [number = ''] = measured.trim().split(/\s+/);
  const name = outside === '' ? labels.name : outside;
  if (name === '' || !NUMBER.test(number)) return undefined;
  return {
    name,
    labels: labels.values,
    value: toNumber(number),
    exemplar: exemplar === undefined ? undefined : readExemplar(exemplar, at),
  };
}

interface Labels {
  readonly values: Record<string, string>;
  /** A name in quotes stands among the labels. */
  readonly name: string;
  readonly end: number;
}

function readLabels(line: string, start: number): Labels | undefined {
  const values: Record<string, string> = Object.create(null);
  const pair = /\s*(?:("(?:[^"\\]|\\.)*"|[^\s=,"{}]+)\s*=\s*)?("(?:[^"\\]|\\.)*")\s*,?/y;
  let name = '';
  pair.lastIndex = start + 1;
  for (let end = start + 1; line[end] !== '}'; end = pair.lastIndex) {
    const match = pair.exec(line);
    if (match === null) return undefined;
    const [, label, value = ''] = match;
    if (label === undefined) name = unquoted(value);
    else values[unquoted(label)] = unquoted(value);
  }
  return { values, name, end: pair.lastIndex + 1 };
}

function unquoted(text: string): string {
  if (!text.startsWith('"')) return text;
  return text.slice(1, -1).replace(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));
}

function toNumber(text: string): number {
  if (/inf/i.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(text);
}

function readExemplar(text: string, at: bigint): Exemplar | undefined {
  const labels = text.startsWith('{') ? readLabels(text, 0) : undefined;
  if (labels === undefined) return undefined;
  const [value = '', time = ''] = text.slice(labels.end).trim().split(/\s+/);
  const { trace_id: traceId = '', span_id: spanId = '' } = labels.values;
  if (!/^[0-9a-f]{32}$/.test(traceId) || !NUMBER.test(value)) return undefined;
  const timeUnixNano = /^\d+(\.\d+)?$/.test(time) ? BigInt(Math.round(Number(time) * 1e6)) * 1000n : at;
  return { value: toNumber(value), timeUnixNano, traceId, spanId, filteredAttributes: {} };
}

function metricOf({ name, type, help, unit, samples }: Family, origin: Origin, at: bigint): Metric {
  const common = { ...origin, name, description: help, unit, temporality: 'CUMULATIVE' as const };
  if (type === 'histogram' || type === 'summary') {
    const [part, read] = type === 'histogram' ? (['le', histogramPoint] as const) : (['quantile', summaryPoint] as const);
    return { ...common, type, monotonic: false, points: grouped(name, samples, part).map((group) => read(group, at)) };
  }
  const isCounter = type === 'counter';
  const values = samples.filter((sample) => !(isCounter && sample.name.endsWith('_created')));
  const points = values.map(({ labels, value, exemplar }) => ({ ...pointOf(labels, exemplar === undefined ? [] : [exemplar], at), value }));
  return { ...common, type: isCounter ? 'sum' : 'gauge', monotonic: isCounter, points };
}

interface Group {
  readonly labels: Readonly<Record<string, string>>;
  readonly parts: { at: number; value: number }[];
  readonly exemplars: Exemplar[];
  sum: number;
  count: number;
}

/** The samples of each series: its buckets or quantiles, sum and count. */
function grouped(family: string, samples: readonly Sample[], part: 'le' | 'quantile'): Group[] {
  const groups = new Map<string, Group>();
  for (const { name, labels, value, exemplar } of samples) {
    const { [part]: at, ...rest } = labels;
    const key = JSON.stringify(Object.entries(rest).sort());
    const group = groups.get(key) ?? { labels: rest, parts: [], exemplars: [], sum: 0, count: 0 };
    groups.set(key, group);
    if (name === `${family}_sum`) group.sum = value;
    else if (name === `${family}_count`) group.count = value;
    else if (at !== undefined && NUMBER.test(at)) group.parts.push({ at: toNumber(at), value });
    if (exemplar !== undefined) group.exemplars.push(exemplar);
  }
  return [...groups.values()];
}

/** Buckets of Prometheus hold those below them, too. */
function histogramPoint({ labels, parts, exemplars, sum, count }: Group, at: bigint): MetricPoint {
  const sorted = [...parts].sort((left, right) => left.at - right.at);
  const bucketCounts = sorted.map(({ value }, index) => value - (sorted[index - 1]?.value ?? 0));
  const explicitBounds = sorted.map((bucket) => bucket.at).filter(Number.isFinite);
  if (bucketCounts.length === explicitBounds.length) bucketCounts.push(Math.max(0, count - (sorted.at(-1)?.value ?? 0)));
  return { ...pointOf(labels, exemplars, at), count, sum, bucketCounts, explicitBounds };
}

function summaryPoint({ labels, parts, sum, count }: Group, at: bigint): MetricPoint {
  return { ...pointOf(labels, [], at), count, sum, quantileValues: parts.map((each) => ({ quantile: each.at, value: each.value })) };
}

function pointOf(labels: Readonly<Record<string, string>>, exemplars: Exemplar[], at: bigint): MetricPoint {
  const attributes: Attributes = { ...labels };
  return { attributes, startTimeUnixNano: 0n, timeUnixNano: at, exemplars };
}
