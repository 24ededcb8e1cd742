// Who is compared: what each needs installed, how node preloads it, and where it is told to send its spans.

import type { NodeMajor } from '../test/support/node-versions.ts';
import type { OtherRuntime } from '../test/support/other-runtimes.ts';

export interface Candidate {
  readonly name: string;
  /** Packages beside those of the workloads, name to version. */
  readonly packages: Readonly<Record<string, string>>;
  /** Flags for node. */
  readonly preload: readonly string[];
  /** What runs it in the place of node. */
  readonly runtime?: OtherRuntime;
  /** Its own form of a workload, by scenario; in scenarios/. */
  readonly files?: Readonly<Record<string, string>>;
  readonly env: (sinkUrl: string) => Readonly<Record<string, string>>;
  /** Code that its users must write for a scenario, by scenario; see scenarios/peer-code.js. */
  readonly peerCode?: Readonly<Record<string, string>>;
}

/** What the workloads use. ioredis 5 and opossum 9, because not every candidate supports the newest. */
export const WORKLOAD_PACKAGES = {
  '@opentelemetry/api': '1.9.1',
  bullmq: '6.7.0',
  express: '5.3.0',
  fastify: '5.12.8',
  ioredis: '5.11.1',
  opossum: '9.0.0',
  pg: '8.23.1',
  pino: '10.4.0',
} as const;

const toSink = (url: string) => ({
  OTEL_SERVICE_NAME: 'bench',
  OTEL_TRACES_EXPORTER: 'otlp',
  OTEL_LOGS_EXPORTER: 'none',
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
  OTEL_EXPORTER_OTLP_ENDPOINT: url,
});

/** Traces only, and no detector that asks cloud providers: the cheapest that the OpenTelemetry peers can be. */
const tracesOnly = (url: string) => ({
  ...toSink(url),
  OTEL_METRICS_EXPORTER: 'none',
  OTEL_NODE_RESOURCE_DETECTORS: 'env,host,os,process,serviceinstance',
});

const bare: Candidate = { name: 'bare', packages: {}, preload: [], env: () => ({}) };

/** With its defaults: duration metrics for each operation, SQL comments and the metrics endpoint are on. */
const sietch: Candidate = {
  name: 'sietch',
  packages: {},
  preload: ['--require', '@sietch/otel/register'],
  env: (url) => ({ ...toSink(url), OTEL_EXPORTER_PROMETHEUS_PORT: '0' }),
};

const OWN_CODE = { queue: 'bullmq-otel', circuit: 'opossum-prometheus' };
const upstreamOf = (packages: Readonly<Record<string, string>>): Candidate => ({
  name: 'upstream',
  packages: { ...packages, 'bullmq-otel': '2.0.1', 'opossum-prometheus': '0.3.0' },
  preload: ['--require', '@opentelemetry/auto-instrumentations-node/register'],
  env: tracesOnly,
  peerCode: OWN_CODE,
});

/** The line of the SDK 2.x, the last for Node.js 20. */
const upstream2 = upstreamOf({ '@opentelemetry/auto-instrumentations-node': '0.81.2' });
/** The line of the SDK 3.x. */
const upstream3 = upstreamOf({ '@opentelemetry/auto-instrumentations-node': '0.82.0', '@opentelemetry/api': '1.10.0' });

const elastic: Candidate = {
  name: 'elastic',
  packages: { '@elastic/opentelemetry-node': '1.18.0', 'bullmq-otel': '2.0.1' },
  preload: ['--require', '@elastic/opentelemetry-node'],
  env: tracesOnly,
  peerCode: { queue: 'bullmq-otel' },
};

const ddTraceOf = (version: string): Candidate => ({
  name: 'dd-trace',
  packages: { 'dd-trace': version },
  preload: ['--require', 'dd-trace/init'],
  env: (url) => ({
    DD_SERVICE: 'bench',
    DD_TRACE_AGENT_URL: url,
    DD_TRACE_AGENT_PROTOCOL_VERSION: '0.4',
    DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false',
    DD_REMOTE_CONFIGURATION_ENABLED: 'false',
    DD_TRACE_STARTUP_LOGS: 'false',
  }),
});

const sentry: Candidate = {
  name: 'sentry',
  packages: { '@sentry/node': '11.12.0' },
  preload: ['--require', './scenarios/sentry.js'],
  env: (url) => ({ SENTRY_DSN: url.replace('://', '://key@').concat('/1') }),
};

/** Deno records traces by itself, in Rust; a plain HTTP server is all that is compared. */
const denoBare: Candidate = {
  name: 'deno-bare',
  packages: {},
  preload: ['run', '--quiet', '--allow-all'],
  runtime: 'deno',
  files: { http: 'deno-http.mjs' },
  env: () => ({ DENO_NO_UPDATE_CHECK: '1' }),
};
const deno: Candidate = {
  ...denoBare,
  name: 'deno',
  env: (url) => ({
    ...toSink(url),
    DENO_NO_UPDATE_CHECK: '1',
    OTEL_DENO: 'true',
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_DENO_CONSOLE: 'ignore',
  }),
};

/** Who is compared on a line of Node.js: each peer in its newest version for it. dd-trace 6 and the SDK 3.x need Node.js 22. */
export function candidatesOn(major: NodeMajor): readonly Candidate[] {
  const [upstream, ddTrace] = major === '20' ? [upstream2, ddTraceOf('5.132.0')] : [upstream3, ddTraceOf('6.21.0')];
  return [bare, sietch, upstream, elastic, ddTrace, sentry, denoBare, deno];
}
