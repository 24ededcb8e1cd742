// Variables of OpenTelemetry's specification that do nothing here, each with the reason: none is
// ignored without a word.
import type { Environment } from './read.js';

interface Unsupported {
  /** What to write in its place, or why there is nothing. */
  readonly reason: string;
  /** The value that asks for what happens anyhow. */
  readonly usual?: string;
}

const JAEGER: Unsupported = { reason: 'Jaeger takes OTLP; name its address in OTEL_EXPORTER_OTLP_ENDPOINT' };

const UNSUPPORTED: Readonly<Record<string, Unsupported>> = {
  OTEL_ENTITIES: { reason: 'entities are in development upstream; name attributes in OTEL_RESOURCE_ATTRIBUTES' },
  OTEL_EXPORTER_OTLP_SPAN_INSECURE: { reason: 'the name is obsolete; write OTEL_EXPORTER_OTLP_TRACES_INSECURE' },
  OTEL_EXPORTER_OTLP_METRIC_INSECURE: { reason: 'the name is obsolete; write OTEL_EXPORTER_OTLP_METRICS_INSECURE' },
  OTEL_EXPORTER_ZIPKIN_PROTOCOL: { reason: 'the specification reserves the name; spans are sent as Zipkin v2 JSON', usual: 'http/json' },
  OTEL_EXPORTER_JAEGER_ENDPOINT: JAEGER,
  OTEL_EXPORTER_JAEGER_AGENT_HOST: JAEGER,
  OTEL_EXPORTER_JAEGER_AGENT_PORT: JAEGER,
  OTEL_EXPORTER_JAEGER_TIMEOUT: JAEGER,
};

export const UNSUPPORTED_NAMES: readonly string[] = Object.keys(UNSUPPORTED);

/** One line for each that is set. */
export function unsupportedVariables(env: Environment): string[] {
  return Object.entries(UNSUPPORTED).flatMap(([name, { reason, usual }]) => {
    const value = env[name]?.trim().toLowerCase() ?? '';
    return value === '' || value === usual ? [] : [`${name}: ${reason}`];
  });
}
