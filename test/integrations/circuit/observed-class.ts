// An opossum class of the test's own that is observed, and its metrics as a reader collects them.
import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import Opossum from 'opossum';
import type { BreakerEvent } from '../../../src/integrations/circuit/breaker-event.ts';
import { BreakerRegistry } from '../../../src/integrations/circuit/breaker-registry.ts';
import { observeCircuits } from '../../../src/integrations/circuit/circuit-metrics.ts';
import { patchPrototype } from '../../../src/integrations/circuit/prototype.ts';
import { MethodPatches } from '../../../src/observe/method-patches.ts';

export interface ObservedClass {
  readonly Breaker: typeof Opossum<unknown[], unknown>;
  readonly events: BreakerEvent[];
  /** By metric name, then by `key=value,…` of the attributes; histograms give their count. */
  collect(): Promise<Record<string, Record<string, number>>>;
}

export function createObservedClass(slowCallMs = 1000): ObservedClass {
  const events: BreakerEvent[] = [];
  const registry = new BreakerRegistry({ slowCallMs, report: (event) => events.push(event) });
  const Breaker = class extends Opossum<unknown[], unknown> {};
  patchPrototype(new MethodPatches(), Breaker, registry, undefined);
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: 3_600_000,
  });
  observeCircuits(new MeterProvider({ readers: [reader] }).getMeter('test'), registry, 'sietch_');
  return { Breaker, events, collect: () => collect(reader) };
}

async function collect(reader: PeriodicExportingMetricReader): Promise<Record<string, Record<string, number>>> {
  const { resourceMetrics, errors } = await reader.collect();
  if (errors.length > 0) throw errors[0];
  const series: Record<string, Record<string, number>> = {};
  for (const { metrics } of resourceMetrics.scopeMetrics) {
    for (const { descriptor, dataPoints } of metrics) {
      const points: Record<string, number> = {};
      for (const { attributes, value } of dataPoints) {
        const key = Object.entries(attributes).map(([name, value]) => `${name.split('.').at(-1)}=${value}`);
        points[key.join(',')] = typeof value === 'number' ? value : value.count;
      }
      series[descriptor.name] = points;
    }
  }
  return series;
}
