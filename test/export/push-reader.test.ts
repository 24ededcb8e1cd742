// The reader that pushes: whenever the process ends, each measurement is exported, once.
import { AggregationTemporality, InstrumentType, MeterProvider, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ExportQueue } from '../../src/export/export-queue.js';
import { QueuedMetricExporter } from '../../src/export/metric-exporter.js';
import { PushReader } from '../../src/export/push-reader.js';
import type { Sender } from '../../src/export/sender.js';

beforeEach(() => vi.stubEnv('OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE', 'delta'));
afterEach(() => vi.unstubAllEnvs());

/** A collector that never answers: everything is left for the hand-over. */
function createQueue() {
  const handedOver: ResourceMetrics[] = [];
  const sender: Sender<ResourceMetrics> = {
    target: 'a collector that hangs',
    holdsProcess: false,
    send: () => new Promise(() => {}),
    handOver: (items) => {
      handedOver.push(...items);
      return undefined;
    },
    shutdown: async () => {},
  };
  const limits = { items: 100, bytes: 100, batchItems: 1, exports: 1, delayMs: 0, timeoutMs: 1000 };
  return { queue: new ExportQueue('metric exports', sender, limits, () => 1), handedOver };
}

function totalsOf(exports: readonly ResourceMetrics[]): Record<string, number> {
  const totals: Record<string, number> = {};
  for (const { descriptor, dataPoints } of exports.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics)))
    for (const { value } of dataPoints) totals[descriptor.name] = (totals[descriptor.name] ?? 0) + Number(value);
  return totals;
}

/** Turns of the queue of promises from the beginning of a collection to its export are fewer. */
const TURNS = 40;

test.each(Array.from({ length: TURNS }, (_, turn) => turn))('the process ends %i promises after a collection has begun', async (turns) => {
  const { queue, handedOver } = createQueue();
  const exporter = new QueuedMetricExporter(queue);
  expect(exporter.selectAggregationTemporality(InstrumentType.COUNTER)).toBe(AggregationTemporality.DELTA);
  const reader = new PushReader({ exporter });
  const provider = new MeterProvider({ readers: [reader] });
  provider.getMeter('one').createCounter('jobs').add(2);
  const other = provider.getMeter('other');
  other.createCounter('mails').add(3);
  other.createObservableCounter('observed').addCallback(async (result) => {
    result.observe(5);
    await null;
  });
  void provider.forceFlush();
  for (let turn = 0; turn < turns; turn++) await null;
  reader.exportNow();
  queue.handOver(() => {});
  expect(totalsOf(handedOver)).toEqual({ jobs: 2, mails: 3, observed: 5 });
});
