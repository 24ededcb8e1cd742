// The metrics about our own spans, queues and exporters by the names of the semantic conventions (1.45).
import { afterAll, expect, test } from 'vitest';
import { seriesOf } from '../prometheus/scraping.ts';
import { type AppOptions, runApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { lastPoint, type Receiver, startReceiver } from '../support/otlp.ts';

const open: { stop?(): Promise<unknown>; close?(): Promise<unknown> }[] = [];
afterAll(async () => {
  await Promise.all(open.map((each) => each.stop?.() ?? each.close?.()));
});

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';

async function start(env: AppOptions['env'] = {}) {
  const receiver: Receiver = await startReceiver();
  const app = runApp('test/app/http-metrics.js', {
    receiver,
    env: { OTEL_BSP_SCHEDULE_DELAY: '10', OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf', ...env },
  });
  open.push(app, receiver);
  const [, url = ''] = await app.waitForLine(/^listening on (\S+)/);
  const get = (flags?: string) =>
    fetch(url, { headers: flags === undefined ? {} : { traceparent: `00-${TRACE_ID}-00f067aa0ba902b7-${flags}` } }).then((response) =>
      response.text(),
    );
  const scraped = async (name: string) => {
    const [, metricsUrl = ''] = await app.waitForLine(/metrics to (http\S+\/metrics)/);
    return seriesOf(await (await fetch(metricsUrl)).text(), name);
  };
  return { receiver, app, get, scraped };
}

/** `{…}` without the scope, which is ours. */
function labels(series: Record<string, number>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(series).map(([text, value]) => {
      expect(text).toContain('otel_scope_name="@sietch/otel"');
      return [text.replace(/,?otel_scope_name="@sietch\/otel"/, '').replace(/server_port="\d+"/, 'server_port="…"'), value];
    }),
  );
}

const EXPORTER =
  'otel_component_name="otlp_http_span_exporter/0",otel_component_type="otlp_http_span_exporter",server_address="127.0.0.1",server_port="…"';
const PROCESSOR = 'otel_component_name="batching_span_processor/0",otel_component_type="batching_span_processor"';

// GET    root
// GET    below a sampled span of another process
// (none) below one that is not sampled
test.each([{}, { OTEL_NODE_EXPERIMENTAL_SDK_METRICS: 'true' }])('spans are counted once, by our own tracers: %o', async (env) => {
  const { receiver, get, scraped } = await start(env);
  for (const flags of [undefined, '01', '00']) await get(flags);
  await receiver.store.waitFor(({ spans }) => spans.length === 2);
  await eventually('both exports are counted', async () => labels(await scraped('otel_sdk_exporter_span_exported_total'))[EXPORTER] === 2);
  expect(labels(await scraped('otel_sdk_span_started_total'))).toEqual({
    'otel_span_parent_origin="none",otel_span_sampling_result="RECORD_AND_SAMPLE"': 1,
    'otel_span_parent_origin="remote",otel_span_sampling_result="RECORD_AND_SAMPLE"': 1,
    'otel_span_parent_origin="remote",otel_span_sampling_result="DROP"': 1,
  });
  expect(labels(await scraped('otel_sdk_span_live'))).toEqual({
    'otel_span_sampling_result="RECORD_ONLY"': 0,
    'otel_span_sampling_result="RECORD_AND_SAMPLE"': 0,
  });
  expect(labels(await scraped('otel_sdk_processor_span_queue_size'))).toEqual({ [PROCESSOR]: 0 });
  expect(labels(await scraped('otel_sdk_processor_span_queue_capacity'))).toEqual({ [PROCESSOR]: 2048 });
  expect(labels(await scraped('otel_sdk_processor_span_processed_total'))).toEqual({ [PROCESSOR]: 2 });
  expect(labels(await scraped('otel_sdk_exporter_span_inflight'))).toEqual({ [EXPORTER]: 0 });
  expect(labels(await scraped('otel_sdk_exporter_operation_duration_seconds_count'))[EXPORTER]).toBeGreaterThan(0);
  const collections = labels(await scraped('otel_sdk_metric_reader_collection_duration_seconds_count'));
  expect(Object.keys(collections)).toEqual([expect.stringContaining('prometheus_http_text_metric_exporter')]);
});

test('with the flight recorder: what is not sampled is recorded only', async () => {
  const { get, scraped } = await start({ SIETCH_OTEL_RECORDER: 'on', OTEL_TRACES_SAMPLER: 'always_off' });
  await get();
  expect(labels(await scraped('otel_sdk_span_started_total'))).toEqual({
    'otel_span_parent_origin="none",otel_span_sampling_result="RECORD_ONLY"': 1,
  });
  expect(labels(await scraped('otel_sdk_span_live'))['otel_span_sampling_result="RECORD_ONLY"']).toBe(0);
});

test('log records and data points over OTLP; the names of release 0.1 when they are asked for', async () => {
  const { receiver, get, app } = await start({
    OTEL_METRICS_EXPORTER: 'otlp',
    OTEL_METRIC_EXPORT_INTERVAL: '200',
    OTEL_LOGS_EXPORTER: 'otlp',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    SIETCH_OTEL_COMPAT: '0.1',
  });
  await get();
  const json = { 'otel.component.type': 'otlp_http_json_metric_exporter', 'otel.component.name': 'otlp_http_json_metric_exporter/0' };
  const point = (name: string, attributes = {}) =>
    receiver.store.waitFor(({ metrics }) => {
      const found = lastPoint(metrics, name, attributes);
      return found !== undefined && (found.value ?? found.count ?? 0) > 0 && found;
    });
  await point('otel.sdk.exporter.metric_data_point.exported', json);
  await point('otel.sdk.exporter.operation.duration', json);
  await point('otel.sdk.metric_reader.collection.duration', { 'otel.component.type': 'periodic_metric_reader' });
  const [, url = ''] = await app.waitForLine(/^listening on (\S+)/);
  await fetch(new URL('/log', url));
  const processor = { 'otel.component.type': 'batching_log_processor' };
  const exporter = { 'otel.component.type': 'otlp_http_json_log_exporter' };
  await point('otel.sdk.log.created');
  await point('otel.sdk.processor.log.queue.capacity', processor);
  await point('otel.sdk.processor.log.processed', processor);
  await point('otel.sdk.exporter.log.exported', exporter);
  const { metrics } = receiver.store;
  expect(lastPoint(metrics, 'otel.sdk.processor.log.queue.size', processor)?.value).toBe(0);
  expect(lastPoint(metrics, 'otel.sdk.exporter.log.inflight', exporter)?.value).toBe(0);
  expect(lastPoint(metrics, 'otel.sdk.exporter.metric_data_point.inflight', json)?.value).toEqual(expect.any(Number));
  await point('sietch.otel.made', { 'sietch.otel.signal': 'spans' });
  await point('sietch.otel.sent', { 'sietch.otel.signal': 'spans' });
  await app.stop();
});
