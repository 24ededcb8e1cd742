// Upstream's own parts fit the options of start(), by type and when they are read; the limits of spans are what their variables say.
import { resourceFromAttributes } from '@opentelemetry/resources';
import { ConsoleLogRecordExporter, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { AggregationType, ConsoleMetricExporter, PeriodicExportingMetricReader, type ViewOptions } from '@opentelemetry/sdk-metrics';
import { AlwaysOnSampler, BatchSpanProcessor, ConsoleSpanExporter, NoopSpanProcessor, ParentBasedSampler } from '@opentelemetry/sdk-trace';
import { expect, test } from 'vitest';
import type { StartOptions } from '../../src/catalog/settings-tables.js';
import { sdkSettings } from '../../src/config/core-settings.js';
import { readSettings } from '../../src/config/read.js';
import { readSdkParts } from '../../src/sdk/sdk-parts.js';
import { requireShare } from '../../src/sdk/trace/sampler.js';
import { createSpanLimits } from '../../src/sdk/trace/span-limits.js';
import { wantsOpenSpans } from '../../src/sdk/trace/span-processors.js';

const view: ViewOptions = { instrumentName: 'http.*', aggregation: { type: AggregationType.DROP } };

test("upstream's processors, samplers, views and resources are taken as they are", () => {
  const options: StartOptions = {
    spanProcessors: [new BatchSpanProcessor({ exporter: new ConsoleSpanExporter() }), new NoopSpanProcessor()],
    logRecordProcessors: [new SimpleLogRecordProcessor({ exporter: new ConsoleLogRecordExporter() })],
    metricReaders: [new PeriodicExportingMetricReader({ exporter: new ConsoleMetricExporter() })],
    sampler: new ParentBasedSampler({ root: new AlwaysOnSampler() }),
    views: [view],
    resource: resourceFromAttributes({ team: 'payments' }),
  };
  const problems: string[] = [];
  expect(readSdkParts(options, problems)).toEqual(options);
  expect(problems).toEqual([]);
});

test('only a processor that does something before the end of a span wants open spans', () => {
  const idle = new NoopSpanProcessor();
  const withMethods = (methods: object) => wantsOpenSpans(Object.assign(new NoopSpanProcessor(), methods));
  expect(wantsOpenSpans(new BatchSpanProcessor({ exporter: new ConsoleSpanExporter() }))).toBe(false);
  expect(wantsOpenSpans(idle)).toBe(false);
  expect(
    withMethods({
      onStart() {
        /* } nothing */
      },
    }),
  ).toBe(false);
  expect(withMethods({ onStart: () => expect.fail() })).toBe(true);
  expect(withMethods({ onEnding() {} })).toBe(true);
});

const ALL = 128;
test.for([
  [{}, { attributeCountLimit: ALL, attributeValueLengthLimit: Number.POSITIVE_INFINITY, eventCountLimit: ALL, linkCountLimit: ALL }],
  [
    { OTEL_ATTRIBUTE_COUNT_LIMIT: '5', OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '6' },
    { attributeCountLimit: 5, attributeValueLengthLimit: 6 },
  ],
  [
    { OTEL_ATTRIBUTE_COUNT_LIMIT: '5', OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '0', OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: '0' },
    { attributeCountLimit: 0, attributeValueLengthLimit: 0 },
  ],
  [
    { OTEL_SPAN_EVENT_COUNT_LIMIT: '1', OTEL_SPAN_LINK_COUNT_LIMIT: '+2', OTEL_SPAN_ATTRIBUTE_PER_EVENT_COUNT_LIMIT: '3' },
    { eventCountLimit: 1, linkCountLimit: 2, attributePerEventCountLimit: 3, attributePerLinkCountLimit: ALL },
  ],
  [{ OTEL_SPAN_ATTRIBUTE_PER_LINK_COUNT_LIMIT: '1'.repeat(20) }, { attributePerLinkCountLimit: Number('1'.repeat(20)) }],
] as const)('limits by %j', ([env, limits]) => {
  expect(createSpanLimits(readSettings(sdkSettings, env, undefined, []))).toMatchObject(limits);
});

test.each([
  ['traceidratio', {}, 1],
  ['parentbased_traceidratio', { OTEL_TRACES_SAMPLER_ARG: ' ' }, 1],
  ['traceidratio', { OTEL_TRACES_SAMPLER_ARG: '0.1' }, 0],
  ['always_on', {}, 0],
])('%s with %j: a share that is missing is reported', (sampler, env, count) => {
  const problems: string[] = [];
  requireShare(sampler, env, problems);
  expect(problems).toHaveLength(count);
});
