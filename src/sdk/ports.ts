// Lists every private member of an OpenTelemetry package that this distribution touches, and
// reports one that is not where it was. The packages are pinned, so that a loss shows in the tests
// of this repository first. docs/architecture.md shows the same list; a test compares.
import { warn } from '../diagnose/diagnostics.js';

export interface Port {
  readonly member: string;
  /** Package and version on which the member was seen. */
  readonly seenOn: string;
  /** What happens without it. */
  readonly fallback: string;
}

export const PORTS = {
  apiGlobal: {
    member: "globalThis[Symbol.for('opentelemetry.js.api.1')]",
    seenOn: '@opentelemetry/api 1.0 to 1.10',
    fallback: 'spans of other copies of the API are lost',
  },
  meterState: {
    member: 'Meter._meterSharedState',
    seenOn: '@opentelemetry/sdk-metrics 2.12',
    fallback: "counters and histograms use the SDK's storages, which are slower",
  },
  aggregator: {
    member: 'Aggregator.kind, HistogramAggregator._boundaries, ExponentialHistogramAggregator._maxSize',
    seenOn: '@opentelemetry/sdk-metrics 2.12',
    fallback: "the instrument uses the SDK's storage, which is slower",
  },
  instrumentStorage: {
    member: 'SyncInstrument._writableMetricStorage',
    seenOn: '@opentelemetry/sdk-metrics 2.12',
    fallback: 'the series is looked up at each measurement, which is slower',
  },
  collectorState: {
    member: 'MetricCollector._sharedState, MeterSharedState.metricStorageRegistry, ObservableRegistry._callbacks',
    seenOn: '@opentelemetry/sdk-metrics 2.12',
    fallback: 'metrics since the last push are lost at process.exit() and an uncaught error',
  },
  clientDuration: {
    member: 'HttpInstrumentation._httpClientDurationHistogram',
    seenOn: '@opentelemetry/instrumentation-http 0.223',
    fallback: "http.client.request.duration has upstream's error types",
  },
  fetchErrors: {
    member: 'UndiciInstrumentation.onError',
    seenOn: '@opentelemetry/instrumentation-undici 0.33',
    fallback: 'errors of fetch reach upstream as they are: an abort has a number as its type',
  },
  zipkinSend: {
    member: 'ZipkinExporter._send',
    seenOn: '@opentelemetry/exporter-zipkin 2.12',
    fallback: "upstream's exporter sends, without a deadline",
  },
} as const satisfies Readonly<Record<string, Port>>;

export type PortName = keyof typeof PORTS;

const reported = new Set<PortName>();

/** Reports once that the member is lost and what stands in for it. */
export function reportLostPort(name: PortName): void {
  if (reported.has(name)) return;
  reported.add(name);
  const { member, seenOn, fallback } = PORTS[name];
  warn('SIETCH171', `${member} was not found as in ${seenOn}: ${fallback}`);
}
