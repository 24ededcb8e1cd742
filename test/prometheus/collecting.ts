// Metrics of a meter provider in this process, for tests of what is written of them.
import type { Meter } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, type MeterProviderOptions, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { type ExpositionOptions, writeExposition } from '../../src/prometheus/exposition.js';
import { formatOf, type TypeName } from '../../src/prometheus/format.js';
import { ScrapedReader } from '../../src/prometheus/scraped-reader.js';
import type { HistogramCounting } from '../../src/sdk/metrics/histogram-series.js';
import { MeterWatch } from '../../src/sdk/metrics/meter-watch.js';
import type { ObservedSeries } from '../../src/sdk/metrics/observed-series.js';

/** Options of an exposition if a test says nothing else. */
export const WRITTEN = { format: formatOf('text'), translation: 'underscore_escaping_with_suffixes', maxBytes: 1e6 } as const;

interface WriteOptions extends Omit<ExpositionOptions, 'format'> {
  format: ExpositionOptions['format'] | TypeName;
}

export interface Collecting {
  meter: Meter;
  provider: MeterProvider;
  reader: ScrapedReader;
  observed: ObservedSeries | undefined;
  collect(): Promise<ResourceMetrics>;
  /** Collects and writes; without the target's line unless the resource has attributes. */
  write(options?: Partial<WriteOptions>): Promise<string>;
}

const COUNTING: HistogramCounting = { exemplars: 'trace_based', exponential: false };

export function startCollecting(options: MeterProviderOptions = {}, observed?: ObservedSeries, counting = COUNTING): Collecting {
  const reader = new ScrapedReader();
  const provider = new MeterProvider({ resource: resourceFromAttributes({}), ...options, readers: [reader] });
  new MeterWatch(counting, observed).setMeterProvider(provider);
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
    write: async ({ format = WRITTEN.format, ...more } = {}) => {
      const options = { ...WRITTEN, ...more, format: typeof format === 'string' ? formatOf(format) : format };
      return writeExposition(await collect(), options).toString();
    },
  };
}
