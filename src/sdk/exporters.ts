// Exporters as OTEL_{TRACES,METRICS,LOGS}_EXPORTER and the protocol variables ask for them. Each is loaded only when it is asked for.
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { PushMetricExporter } from '@opentelemetry/sdk-metrics';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import type { SettingsOf } from '../config/setting.js';
import { ExporterSender } from './exporter-sender.js';
import { createLogEncoder, createSpanEncoder } from './otlp-encoder.js';
import { OtlpHttpSender } from './otlp-http-sender.js';
import type { Sender } from './sender.js';
import type { otelSettings } from './settings.js';

export type OtelSettings = SettingsOf<typeof otelSettings>;

/** Where spans go: `otlp` by the chosen protocol, or `zipkin`. */
export function createSpanSender(name: string, settings: OtelSettings): Sender<ReadableSpan> {
  if (name === 'zipkin') return new ExporterSender('Zipkin', createZipkinSpanExporter);
  const protocol = settings.tracesProtocol || settings.protocol;
  if (protocol !== 'grpc') return new OtlpHttpSender('TRACES', () => createSpanEncoder(protocol === 'http/json'));
  const { OtlpGrpcSender }: typeof import('./otlp-grpc.js') = require('./otlp-grpc.js');
  return new OtlpGrpcSender('TRACES', otlpTarget(process.env, 'TRACES', protocol), () => createSpanEncoder(false));
}

/** Where log records go: OTLP by the chosen protocol. */
export function createLogSender(settings: OtelSettings): Sender<ReadableLogRecord> {
  const protocol = settings.logsProtocol || settings.protocol;
  if (protocol !== 'grpc') return new OtlpHttpSender('LOGS', () => createLogEncoder(protocol === 'http/json'));
  const { OtlpGrpcSender }: typeof import('./otlp-grpc.js') = require('./otlp-grpc.js');
  return new OtlpGrpcSender('LOGS', otlpTarget(process.env, 'LOGS', protocol), () => createLogEncoder(false));
}

function createZipkinSpanExporter(): SpanExporter {
  const { ZipkinExporter }: typeof import('@opentelemetry/exporter-zipkin') = require('@opentelemetry/exporter-zipkin');
  return new ZipkinExporter();
}

export function createOtlpMetricExporter(settings: OtelSettings): PushMetricExporter {
  switch (settings.metricsProtocol || settings.protocol) {
    case 'grpc': {
      const {
        OTLPMetricExporter,
      }: typeof import('@opentelemetry/exporter-metrics-otlp-grpc') = require('@opentelemetry/exporter-metrics-otlp-grpc');
      return new OTLPMetricExporter();
    }
    case 'http/json': {
      const {
        OTLPMetricExporter,
      }: typeof import('@opentelemetry/exporter-metrics-otlp-http') = require('@opentelemetry/exporter-metrics-otlp-http');
      return new OTLPMetricExporter();
    }
    default: {
      const {
        OTLPMetricExporter,
      }: typeof import('@opentelemetry/exporter-metrics-otlp-proto') = require('@opentelemetry/exporter-metrics-otlp-proto');
      return new OTLPMetricExporter();
    }
  }
}

/** Where OTLP goes for a signal, for the start-up line; never with credentials of the URL. */
export function otlpTarget(
  env: Readonly<Record<string, string | undefined>>,
  signal: 'TRACES' | 'METRICS' | 'LOGS',
  protocol: string,
): string {
  const fallback = protocol === 'grpc' ? 'http://localhost:4317' : 'http://localhost:4318';
  const url = env[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`] || env['OTEL_EXPORTER_OTLP_ENDPOINT'] || fallback;
  try {
    return new URL(url).origin;
  } catch {
    return 'an invalid URL';
  }
}
