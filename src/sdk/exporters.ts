// Exporters as OTEL_{TRACES,METRICS,LOGS}_EXPORTER and the protocol variables ask for them. Each is loaded only when it is asked for.
import type { LogRecordExporter } from '@opentelemetry/sdk-logs';
import type { PushMetricExporter } from '@opentelemetry/sdk-metrics';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import type { SettingsOf } from '../config/setting.js';
import type { otelSettings } from './settings.js';

export type OtelSettings = SettingsOf<typeof otelSettings>;

/** The OTLP span exporter for the chosen protocol. Endpoint, headers, TLS and compression are read by the exporter itself. */
export function createOtlpSpanExporter(settings: OtelSettings): SpanExporter {
  switch (settings.tracesProtocol || settings.protocol) {
    case 'grpc': {
      const {
        OTLPTraceExporter,
      }: typeof import('@opentelemetry/exporter-trace-otlp-grpc') = require('@opentelemetry/exporter-trace-otlp-grpc');
      return new OTLPTraceExporter();
    }
    case 'http/json': {
      const {
        OTLPTraceExporter,
      }: typeof import('@opentelemetry/exporter-trace-otlp-http') = require('@opentelemetry/exporter-trace-otlp-http');
      return new OTLPTraceExporter();
    }
    default: {
      const {
        OTLPTraceExporter,
      }: typeof import('@opentelemetry/exporter-trace-otlp-proto') = require('@opentelemetry/exporter-trace-otlp-proto');
      return new OTLPTraceExporter();
    }
  }
}

export function createZipkinSpanExporter(): SpanExporter {
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

export function createOtlpLogExporter(settings: OtelSettings): LogRecordExporter {
  switch (settings.logsProtocol || settings.protocol) {
    case 'grpc': {
      const {
        OTLPLogExporter,
      }: typeof import('@opentelemetry/exporter-logs-otlp-grpc') = require('@opentelemetry/exporter-logs-otlp-grpc');
      return new OTLPLogExporter();
    }
    case 'http/json': {
      const {
        OTLPLogExporter,
      }: typeof import('@opentelemetry/exporter-logs-otlp-http') = require('@opentelemetry/exporter-logs-otlp-http');
      return new OTLPLogExporter();
    }
    default: {
      const {
        OTLPLogExporter,
      }: typeof import('@opentelemetry/exporter-logs-otlp-proto') = require('@opentelemetry/exporter-logs-otlp-proto');
      return new OTLPLogExporter();
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
