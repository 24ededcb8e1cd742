// The one start-up line: what a person on call wants to know first. Names and addresses only;
// values of headers and credentials never.
import type { OtlpSignal } from './config/otlp-signals.js';
import type { Environment } from './config/read.js';
import { writeLine } from './diagnose/stderr.js';
import { type OtelSettings, otlpTarget } from './export/exporters.js';
import { exportersOf } from './export/pipelines.js';
import type { Service } from './sdk/resource/resource.js';
import { DISTRO_VERSION } from './sdk/version.js';

export interface BannerFacts {
  readonly service: Service;
  readonly otel: OtelSettings;
  readonly env: Environment;
  readonly metricsUrl: string | undefined;
  readonly integrations: readonly string[];
}

export function printBanner(facts: BannerFacts): void {
  writeLine(bannerLine(facts));
}

export function bannerLine({ service, otel, env, metricsUrl, integrations }: BannerFacts): string {
  const target = (signal: OtlpSignal, names: readonly string[], protocol: string) =>
    exportersOf(names)
      .map((name) => (name === 'otlp' ? `otlp ${otlpTarget(env, signal, protocol)}` : name === 'prometheus' ? (metricsUrl ?? name) : name))
      .join(' and ') || 'off';
  const traces = target('TRACES', otel.traces, otel.tracesProtocol || otel.protocol);
  const metrics = target('METRICS', otel.metrics, otel.metricsProtocol || otel.protocol);
  const logs = target('LOGS', otel.logs, otel.logsProtocol || otel.protocol);
  const name = service.version === undefined ? service.name : `${service.name} ${service.version}`;
  return `[sietch-otel] ${DISTRO_VERSION} service "${name}": traces to ${traces}, metrics to ${metrics}, logs to ${logs}; on: ${integrations.join(', ') || 'nothing'} (SIETCH_OTEL_BANNER=off hides this line)`;
}
