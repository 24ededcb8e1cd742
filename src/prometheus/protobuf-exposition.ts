// Writes collected metrics in the protobuf format of Prometheus, the only one that has native
// histograms (github.com/prometheus/client_model, io/prometheus/client/metrics.proto).
import type { Attributes } from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import { DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import { LONG, MEDIUM, MessageWriter, SHORT } from '../export/message-writer.js';
import { LENGTH_DELIMITED } from '../export/protobuf-writer.js';
import { exemplarOfPoint } from '../sdk/metrics/counter-point.js';
import type { Exemplar } from '../sdk/metrics/exemplar.js';
import { HistogramSnapshot } from '../sdk/metrics/histogram-snapshot.js';
import type { Family } from './family.js';
import type { FamilyGroup, OnDrop } from './family-groups.js';
import { type Label, labelPairs, scopePairs } from './labels.js';
import type { Naming } from './naming.js';
import { type HistogramValue, writeExemplar, writeHistogramValue, writeLabel } from './protobuf-histogram.js';

interface Bounds {
  readonly maxBytes: number;
  readonly onDrop?: OnDrop;
}

/** MetricType. */
const TYPES: Readonly<Record<Family['type'], number>> = { counter: 0, gauge: 1, histogram: 4 };
/** Fields of Metric. */
const VALUE_FIELDS: Readonly<Record<Family['type'], number>> = { gauge: 2, counter: 3, histogram: 7 };

/** Each family is a message with its length before it. */
export function writeProtobuf(resource: Resource, groups: readonly FamilyGroup[], naming: Naming, { maxBytes, onDrop }: Bounds): Buffer {
  const exposition = new ProtobufExposition(naming);
  exposition.writeTargetInfo(resource);
  for (const group of groups) {
    if (exposition.length <= maxBytes) exposition.writeFamily(group);
    else for (const [, metric] of group.members) onDrop?.('size', metric.descriptor.name);
  }
  return exposition.take();
}

class ProtobufExposition {
  readonly #naming: Naming;
  readonly #writer = new MessageWriter();
  readonly #scratch = new MessageWriter();
  /** Key of the bytes that a snapshot keeps. */
  readonly #key: string;

  constructor(naming: Naming) {
    this.#naming = naming;
    this.#key = `protobuf ${naming.key}`;
  }

  get length(): number {
    return this.#writer.length;
  }

  take(): Buffer {
    return Buffer.from(this.#writer.take());
  }

  writeTargetInfo({ attributes }: Resource): void {
    const labels = labelPairs(attributes, this.#naming);
    if (labels.length > 0) this.#family('target_info', 'Attributes of the resource.', 'gauge', () => this.#writeNumber('gauge', 1, labels));
  }

  writeFamily({ family, members }: FamilyGroup): void {
    this.#family(family.sampleName, family.help, family.type, () => {
      for (const [scope, metric] of members) this.#writeMetric(family.type, scope, metric);
      this.#writer.text(5, family.unit);
    });
  }

  #family(name: string, help: string, type: Family['type'], write: () => void): void {
    const start = this.#writer.begin(LONG);
    this.#writer.text(1, name);
    this.#writer.text(2, help);
    this.#writer.unsigned(3, TYPES[type]);
    write();
    this.#writer.end(start, LONG);
  }

  #writeMetric(type: Family['type'], scope: InstrumentationScope, metric: MetricData): void {
    const ofScope = scopePairs(scope);
    const labelsOf = (attributes: Attributes) => [...labelPairs(attributes, this.#naming), ...ofScope];
    if (metric.dataPointType === DataPointType.HISTOGRAM || metric.dataPointType === DataPointType.EXPONENTIAL_HISTOGRAM) {
      for (const { attributes, value } of metric.dataPoints) this.#writeHistogram(value, () => labelsOf(attributes));
    } else {
      for (const point of metric.dataPoints) this.#writeNumber(type, point.value, labelsOf(point.attributes), exemplarOfPoint(point));
    }
  }

  /** @param exemplar of a counter */
  #writeNumber(type: Family['type'], value: number, labels: readonly Label[], exemplar?: Exemplar): void {
    this.#writer.message(4, MEDIUM, () => {
      for (const label of labels) writeLabel(this.#writer, label);
      this.#writer.message(VALUE_FIELDS[type], SHORT, () => {
        this.#writer.number(1, value);
        if (exemplar !== undefined) writeExemplar(this.#writer, 2, exemplar);
      });
    });
  }

  /** Copies what was written for the same snapshot. */
  #writeHistogram(value: HistogramValue, labels: () => readonly Label[]): void {
    const snapshot = value instanceof HistogramSnapshot ? value : undefined;
    const written = snapshot?.writtenIn(this.#key) ?? this.#encodeHistogram(value, labels());
    snapshot?.keepWritten(this.#key, written);
    this.#writer.tag(4, LENGTH_DELIMITED);
    this.#writer.bytes(written);
  }

  #encodeHistogram(value: HistogramValue, labels: readonly Label[]): Uint8Array {
    const scratch = this.#scratch;
    for (const label of labels) writeLabel(scratch, label);
    scratch.message(VALUE_FIELDS.histogram, MEDIUM, () => writeHistogramValue(scratch, value));
    return scratch.take();
  }
}
