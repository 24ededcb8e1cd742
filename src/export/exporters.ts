// Creates the senders that OTEL_{TRACES,METRICS,LOGS}_EXPORTER and the protocol variables ask for.
// Each is loaded only when it is asked for.
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { otelSettings } from '../config/core-settings.js';
import { environment } from '../config/environment.js';
import type { OtlpSignal } from '../config/otlp-signals.js';
import type { SettingsOf } from '../config/setting.js';
import { createLogEncoder, createMetricEncoder, createSpanEncoder, type Encodable, type Encoder } from './encoder.js';
import { HttpSender } from './http-sender.js';
import { readOtlpHttpConfig } from './otlp-config.js';
import type { Sender } from './sender.js';

export type OtelSettings = SettingsOf<typeof otelSettings>;

/** As the semantic conventions call them in the types of components. */
const ITEMS: Readonly<Record<OtlpSignal, string>> = { TRACES: 'span', METRICS: 'metric', LOGS: 'log' };

/** The sender of spans: OTLP by the chosen protocol, or Zipkin. */
export function createSpanSender(name: string, settings: OtelSettings): Sender<ReadableSpan> {
  if (name !== 'zipkin') return createOtlpSender('TRACES', settings.tracesProtocol || settings.protocol, createSpanEncoder);
  const { createZipkinEncoder, readZipkinTarget }: typeof import('./zipkin.js') = require('./zipkin.js');
  return new HttpSender('zipkin_http_span_exporter', readZipkinTarget(environment()), createZipkinEncoder);
}

/** The sender of log records: OTLP by the chosen protocol. */
export function createLogSender(settings: OtelSettings): Sender<ReadableLogRecord> {
  return createOtlpSender('LOGS', settings.logsProtocol || settings.protocol, createLogEncoder);
}

/** The sender of pushed metrics: OTLP by the chosen protocol. */
export function createMetricSender(settings: OtelSettings): Sender<ResourceMetrics> {
  return createOtlpSender('METRICS', settings.metricsProtocol || settings.protocol, createMetricEncoder);
}

function createOtlpSender<T extends Encodable>(
  signal: OtlpSignal,
  protocol: string,
  createEncoder: (json: boolean) => Encoder<T>,
): Sender<T> {
  const isJson = protocol === 'http/json';
  const type = `otlp_${protocol === 'grpc' ? 'grpc' : isJson ? 'http_json' : 'http'}_${ITEMS[signal]}_exporter`;
  if (protocol !== 'grpc') return new HttpSender(type, readOtlpHttpConfig(environment(), signal), () => createEncoder(isJson));
  const { OtlpGrpcSender }: typeof import('./otlp-grpc.js') = require('./otlp-grpc.js');
  return new OtlpGrpcSender(type, signal, otlpTarget(environment(), signal, protocol), () => createEncoder(false));
}

/** The OTLP endpoint of a signal, for the start-up line, without credentials of the URL. */
export function otlpTarget(env: Readonly<Record<string, string | undefined>>, signal: OtlpSignal, protocol: string): string {
  const fallback = protocol === 'grpc' ? 'http://localhost:4317' : 'http://localhost:4318';
  const url = env[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`] || env['OTEL_EXPORTER_OTLP_ENDPOINT'] || fallback;
  try {
    return new URL(url).origin;
  } catch {
    return 'an invalid URL';
  }
}
