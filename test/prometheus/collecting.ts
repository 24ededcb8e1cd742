// Metrics of a meter provider in this process, for tests of what is written of them.
import type { Meter } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, type MeterProviderOptions, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { type ExpositionOptions, writeExposition } from '../../src/prometheus/exposition.js';
import { ScrapedReader } from '../../src/prometheus/scraped-reader.js';
import { MeterWatch } from '../../src/sdk/metrics/meter-watch.js';
import type { ObservedSeries } from '../../src/sdk/metrics/observed-series.js';

export interface Collecting {
  meter: Meter;
  provider: MeterProvider;
  reader: ScrapedReader;
  observed: ObservedSeries | undefined;
  collect(): Promise<ResourceMetrics>;
  /** Collects and writes; without the target's line unless the resource has attributes. */
  write(options?: Partial<ExpositionOptions>): Promise<string>;
}

export function startCollecting(options: MeterProviderOptions = {}, observed?: ObservedSeries): Collecting {
  const reader = new ScrapedReader();
  const provider = new MeterProvider({ resource: resourceFromAttributes({}), ...options, readers: [reader] });
  new MeterWatch(true, observed).setMeterProvider(provider);
  const collect = async () => {
    const { resourceMetrics } = await reader.collect();
    return resourceMetrics;
  };
  return {
    meter: provider.getMeter('app'),
    provider,
    reader,
    observed,
    collect,
    write: async (more) => writeExposition(await collect(), { format: 'text', maxBytes: 1e6, ...more }).toString(),
  };
}
