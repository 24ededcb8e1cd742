// Encodes metrics as an ExportMetricsServiceRequest of OTLP (opentelemetry.proto.metrics.v1).
// Upstream's serializer leaves exemplars out (otlp-transformer 0.223, opentelemetry-js#5147).
import { type HrTime, ValueType } from '@opentelemetry/api';
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type ExponentialHistogram,
  type Histogram,
  type MetricData,
  type ResourceMetrics,
  type ScopeMetrics,
} from '@opentelemetry/sdk-metrics';
import { exemplarOfPoint } from '../sdk/metrics/counter-point.js';
import type { Exemplar } from '../sdk/metrics/exemplar.js';
import { exemplarsOf } from '../sdk/metrics/histogram-snapshot.js';
import { AttributeEncoder } from './attribute-encoder.js';
import { LONG, MEDIUM, MessageWriter, SHORT } from './message-writer.js';
import { FIXED64, LENGTH_DELIMITED } from './protobuf-writer.js';

/** Fields of Metric. */
const FIELDS: Readonly<Record<DataPointType, number>> = {
  [DataPointType.GAUGE]: 5,
  [DataPointType.SUM]: 7,
  [DataPointType.HISTOGRAM]: 9,
  [DataPointType.EXPONENTIAL_HISTOGRAM]: 10,
};
const TWO_TO_63 = 2 ** 63;

export class MetricEncoder {
  readonly #writer = new MessageWriter();
  readonly #attributes = new AttributeEncoder();

  /** @throws whatever a getter of the metrics throws */
  encode({ resource, scopeMetrics }: ResourceMetrics): Uint8Array {
    try {
      this.#writer.message(1, LONG, () => {
        this.#writer.message(1, MEDIUM, () => this.#attributes.write(this.#writer, 1, resource.attributes));
        for (const each of scopeMetrics) this.#writer.message(2, LONG, () => this.#writeScopeMetrics(each));
        this.#writer.text(3, resource.schemaUrl);
      });
    } catch (error) {
      this.#writer.take();
      throw error;
    }
    return this.#writer.take();
  }

  #writeScopeMetrics({ scope, metrics }: ScopeMetrics): void {
    this.#writer.message(1, SHORT, () => {
      this.#writer.text(1, scope.name);
      this.#writer.text(2, scope.version);
    });
    for (const metric of metrics) this.#writer.message(2, MEDIUM, () => this.#writeMetric(metric));
    this.#writer.text(3, scope.schemaUrl);
  }

  #writeMetric(metric: MetricData): void {
    const { name, description, unit } = metric.descriptor;
    this.#writer.text(1, name);
    this.#writer.text(2, description);
    this.#writer.text(3, unit);
    this.#writer.message(FIELDS[metric.dataPointType], MEDIUM, () => {
      this.#writePoints(metric);
      if (metric.dataPointType === DataPointType.GAUGE) return;
      this.#writer.unsigned(2, metric.aggregationTemporality === AggregationTemporality.DELTA ? 1 : 2);
      if (metric.dataPointType === DataPointType.SUM && metric.isMonotonic) this.#writer.unsigned(3, 1);
    });
  }

  #writePoints(metric: MetricData): void {
    if (metric.dataPointType === DataPointType.HISTOGRAM) {
      for (const point of metric.dataPoints) this.#writer.message(1, MEDIUM, () => this.#writeHistogram(point));
    } else if (metric.dataPointType === DataPointType.EXPONENTIAL_HISTOGRAM) {
      for (const point of metric.dataPoints) this.#writer.message(1, MEDIUM, () => this.#writeExponential(point));
    } else {
      const isInteger = metric.descriptor.valueType === ValueType.INT;
      for (const point of metric.dataPoints) this.#writer.message(1, SHORT, () => this.#writeNumber(point, isInteger));
    }
  }

  #writeNumber(point: DataPoint<number>, isInteger: boolean): void {
    const { attributes, value } = point;
    this.#times(point);
    // An integer past 2⁶³ would arrive as another one.
    if (isInteger && Number.isInteger(value) && value >= -TWO_TO_63 && value < TWO_TO_63) this.#writer.fixedInteger(6, value);
    else this.#writer.number(4, value);
    const exemplar = exemplarOfPoint(point);
    if (exemplar !== undefined) this.#writeExemplar(5, exemplar);
    this.#attributes.write(this.#writer, 7, attributes);
  }

  #writeHistogram(point: DataPoint<Histogram>): void {
    const { attributes, value } = point;
    const writer = this.#writer;
    const { counts, boundaries } = value.buckets;
    this.#times(point);
    this.#writer.fixedInteger(4, value.count);
    this.#writer.number(5, value.sum);
    this.#writer.message(6, MEDIUM, () => {
      for (const count of counts) writer.fixed64(count);
    });
    this.#writer.message(7, SHORT, () => {
      for (const bound of boundaries) writer.double(bound);
    });
    for (const exemplar of exemplarsOf(value) ?? []) if (exemplar !== undefined) this.#writeExemplar(8, exemplar);
    this.#attributes.write(writer, 9, attributes);
    this.#writer.number(11, value.min);
    this.#writer.number(12, value.max);
  }

  #writeExponential(point: DataPoint<ExponentialHistogram>): void {
    const { attributes, value } = point;
    this.#attributes.write(this.#writer, 1, attributes);
    this.#times(point);
    this.#writer.fixedInteger(4, value.count);
    this.#writer.number(5, value.sum);
    this.#writer.signed(6, value.scale);
    this.#writer.fixedInteger(7, value.zeroCount);
    this.#writer.message(8, MEDIUM, () => this.#writeBuckets(value.positive));
    this.#writer.message(9, SHORT, () => this.#writeBuckets(value.negative));
    for (const exemplar of exemplarsOf(value) ?? []) if (exemplar !== undefined) this.#writeExemplar(11, exemplar);
    this.#writer.number(12, value.min);
    this.#writer.number(13, value.max);
  }

  #writeBuckets({ offset, bucketCounts }: ExponentialHistogram['positive']): void {
    this.#writer.signed(1, offset);
    this.#writer.message(2, MEDIUM, () => {
      for (const count of bucketCounts) this.#writer.varint64(count);
    });
  }

  #writeExemplar(field: number, { traceId, spanId, value, time }: Exemplar): void {
    const writer = this.#writer;
    this.#writer.message(field, SHORT, () => {
      writer.tag(2, FIXED64);
      writer.time(Math.floor(time / 1000), (time % 1000) * 1e6);
      this.#writer.number(3, value);
      if (traceId === '') return;
      writer.tag(4, LENGTH_DELIMITED);
      writer.hex(spanId);
      writer.tag(5, LENGTH_DELIMITED);
      writer.hex(traceId);
    });
  }

  #times({ startTime, endTime }: { readonly startTime: HrTime; readonly endTime: HrTime }): void {
    this.#writer.tag(2, FIXED64);
    this.#writer.time(startTime[0], startTime[1]);
    this.#writer.tag(3, FIXED64);
    this.#writer.time(endTime[0], endTime[1]);
  }
}
