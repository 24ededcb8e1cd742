// Collects the metrics of this process within a deadline, also when callbacks hang or throw.
import { context } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import type { IMetricReader, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { CollectionTimer } from '../export/collection-timer.js';
import { withHardDeadline } from '../node/deadline.js';
import type { ObservedSeries } from '../sdk/metrics/observed-series.js';
import { SelfMetrics } from './self-metrics.js';

/** The source of the metrics of a scrape: this process, or a group of processes. */
export interface MetricsSource {
  /**
   * @throws {Error} when there is nothing to collect from, or it does not keep the deadline by
   * itself.
   */
  collect(deadlineMs: number): Promise<ResourceMetrics>;
}

/**
 * Time past the deadline until the collection is given up: foreign metric producers need not keep
 * the deadline.
 */
const GRACE_MS = 250;

export class Collector implements MetricsSource {
  readonly #reader: Pick<IMetricReader, 'collect'>;
  readonly #observed: ObservedSeries | undefined;
  readonly #timer = new CollectionTimer('prometheus_http_text_metric_exporter');
  #selfMetrics: SelfMetrics | undefined;

  constructor(reader: Pick<IMetricReader, 'collect'>, observed?: ObservedSeries) {
    this.#reader = reader;
    this.#observed = observed;
  }

  /** The metrics of the endpoint itself. */
  get selfMetrics(): SelfMetrics {
    this.#selfMetrics ??= new SelfMetrics();
    return this.#selfMetrics;
  }

  async collect(deadlineMs: number): Promise<ResourceMetrics> {
    const { selfMetrics } = this;
    const startedAt = performance.now();
    const collection = this.#observed?.begin() ?? 0;
    // Queries that callbacks make are part of no trace.
    const collecting = context.with(suppressTracing(context.active()), () => this.#reader.collect({ timeoutMillis: deadlineMs }));
    const { resourceMetrics, errors } = await withHardDeadline(collecting, deadlineMs + GRACE_MS);
    selfMetrics.countFailures(errors);
    this.#timer.record(startedAt, errors);
    await resourceSettled(resourceMetrics, deadlineMs);
    return this.#observed?.filter(resourceMetrics, collection) ?? resourceMetrics;
  }
}

/**
 * Waits for resource detectors that ask the network: at the first scrape they may still run, and
 * may never end.
 */
async function resourceSettled({ resource }: ResourceMetrics, deadlineMs: number): Promise<void> {
  if (!resource.asyncAttributesPending || resource.waitForAsyncAttributes === undefined) return;
  await withHardDeadline(resource.waitForAsyncAttributes(), deadlineMs).catch(() => {});
}
