// Collects the metrics of this process within a deadline, whatever callbacks do.
import { context } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import type { IMetricReader, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { withHardDeadline } from '../node/deadline.js';
import type { ObservedSeries } from '../sdk/metrics/observed-series.js';
import { SelfMetrics } from './self-metrics.js';

/** Where a scrape gets its metrics from: this process, or a group of them. */
export interface MetricsSource {
  /** @throws {Error} when there is nothing to collect from, or it does not keep the deadline by itself. */
  collect(deadlineMs: number): Promise<ResourceMetrics>;
}

/** Time the collection may take past its deadline before it is given up on: metric producers of others need not keep it. */
const GRACE_MS = 250;

export class Collector implements MetricsSource {
  readonly #reader: Pick<IMetricReader, 'collect'>;
  readonly #observed: ObservedSeries | undefined;
  #selfMetrics: SelfMetrics | undefined;

  constructor(reader: Pick<IMetricReader, 'collect'>, observed?: ObservedSeries) {
    this.#reader = reader;
    this.#observed = observed;
  }

  /** What it counts of itself. */
  get selfMetrics(): SelfMetrics {
    this.#selfMetrics ??= new SelfMetrics();
    return this.#selfMetrics;
  }

  async collect(deadlineMs: number): Promise<ResourceMetrics> {
    const { selfMetrics } = this;
    const collection = this.#observed?.begin() ?? 0;
    // What callbacks ask of databases is no part of any trace.
    const collecting = context.with(suppressTracing(context.active()), () => this.#reader.collect({ timeoutMillis: deadlineMs }));
    const { resourceMetrics, errors } = await withHardDeadline(collecting, deadlineMs + GRACE_MS);
    selfMetrics.countFailures(errors);
    await resourceSettled(resourceMetrics, deadlineMs);
    return this.#observed?.filter(resourceMetrics, collection) ?? resourceMetrics;
  }
}

/** Detectors that ask the network for attributes may be under way at the first scrape, and never end. */
async function resourceSettled({ resource }: ResourceMetrics, deadlineMs: number): Promise<void> {
  if (!resource.asyncAttributesPending || resource.waitForAsyncAttributes === undefined) return;
  await withHardDeadline(resource.waitForAsyncAttributes(), deadlineMs).catch(() => {});
}
