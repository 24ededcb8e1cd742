// An app that puts ids into the names of meters and instruments must not grow the process for ever.
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { expect, test } from 'vitest';
import { ScrapedReader } from '../../../src/prometheus/scraped-reader.js';
import { MAX_INSTRUMENTS, MAX_METERS } from '../../../src/sdk/metrics/instrument-bounds.js';
import { MeterWatch } from '../../../src/sdk/metrics/meter-watch.js';

function createProvider(): { provider: MeterProvider; reader: ScrapedReader } {
  const reader = new ScrapedReader();
  const provider = new MeterProvider({ readers: [reader] });
  new MeterWatch().setMeterProvider(provider);
  return { provider, reader };
}

test('of 20,000 meters the first are kept, and the others take measurements without a word or a trace', async () => {
  const { provider, reader } = createProvider();
  for (let number = 0; number < 20_000; number++) provider.getMeter(`customer ${number}`).createCounter('orders').add(1);
  const { resourceMetrics } = await reader.collect();
  expect(resourceMetrics.scopeMetrics).toHaveLength(MAX_METERS);
});

test('of 20,000 instruments of a meter the first are kept; one that is made again is the same', async () => {
  const { provider, reader } = createProvider();
  const meter = provider.getMeter('orders');
  for (let number = 0; number < 20_000; number++) {
    meter.createCounter(`orders.${number}`).add(1);
    meter.createCounter('orders.0').add(1);
  }
  const [scope] = (await reader.collect()).resourceMetrics.scopeMetrics;
  expect(scope?.metrics).toHaveLength(MAX_INSTRUMENTS);
  expect(scope?.metrics[0]?.dataPoints[0]?.value).toBe(20_001);
});
