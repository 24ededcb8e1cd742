// The topology of docker-compose.yml as processes of this machine: collector, Jaeger, Loki and Prometheus with the files that the containers get,
// and the example service with its worker. Only addresses and folders differ. No vitest here.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ROOT } from '../support/checkout.ts';
import { startWebhookApp, type WebhookApp } from '../webhook/webhook-app.ts';
import { type Change, LocalPrograms } from './local-programs.ts';

/** The programs, as their images have them, and Loki; none is in npm, and Debian has an old Prometheus only. */
export const STACK_PROGRAMS = ['otelcol-contrib', 'jaeger', 'prometheus'] as const;

export interface LocalStack {
  readonly app: WebhookApp;
  /** Addresses of their HTTP APIs. */
  readonly urls: Readonly<Record<'collector' | 'jaeger' | 'loki' | 'prometheus', string>>;
  stop(): Promise<void>;
}

export interface LocalStackOptions {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** Takes log records by OTLP in the place of Loki, which is not started then. */
  readonly logsTo?: string;
  /** Default true. Without it the collector keeps what it has for it. */
  readonly hasJaeger?: boolean;
}

const COLLECTOR_PORTS = [4317, 4318, 8889, 13133];
const JAEGER_PORTS = [13133, 16685, 16686];
const LISTENERS = [
  ...COLLECTOR_PORTS.map((port) => `otel-collector:${port}`),
  ...JAEGER_PORTS.map((port) => `jaeger:${port}`),
  'otel-collector:8888',
  'jaeger:4317',
  'loki:3100',
  'loki:9095',
  'prometheus:9090',
];

export async function startLocalStack({ databaseUrl, redisUrl, logsTo, hasJaeger = true }: LocalStackOptions): Promise<LocalStack> {
  const programs = await LocalPrograms.on(LISTENERS);
  try {
    if (hasJaeger) startJaeger(programs);
    if (logsTo === undefined) startLoki(programs);
    startCollector(programs, logsTo ?? `${programs.url('loki:3100')}/otlp`);
    await programs.ready('otel-collector:13133', '/');
    const receiver = { url: programs.url('otel-collector:4318') };
    const app = await startWebhookApp({ databaseUrl, redisUrl, receiver, env: { OTEL_LOGS_EXPORTER: 'otlp' } });
    programs.add('the example service', () => app.stop());
    startPrometheus(programs, app);
    await programs.ready('prometheus:9090', '/-/ready');
    if (hasJaeger) await programs.ready('jaeger:13133', '/status');
    if (logsTo === undefined) await programs.ready('loki:3100', '/ready');
    const urls = {
      collector: receiver.url,
      jaeger: programs.url('jaeger:16686'),
      loki: programs.url('loki:3100'),
      prometheus: programs.url('prometheus:9090'),
    };
    return { app, urls, stop: () => programs.stop() };
  } catch (error) {
    const wrote = programs.output();
    await programs.stop();
    throw new Error(`the stack did not start\n${wrote}`, { cause: error });
  }
}

function startJaeger(programs: LocalPrograms): void {
  const file = programs.configured('deploy/jaeger/config.yaml', [
    ...listening(programs, 'JAEGER_LISTEN_HOST', 'jaeger', JAEGER_PORTS),
    ['"${env:JAEGER_LISTEN_HOST:-0.0.0.0}:${env:JAEGER_OTLP_PORT:-4317}"', `"${programs.address('jaeger:4317')}"`],
    ['prometheus:9090', programs.address('prometheus:9090')],
    ['/etc/jaeger/ui.json', join(ROOT, 'deploy/jaeger/ui.json')],
  ]);
  // In its container it has port 8888 for itself.
  programs.start('jaeger', [`--config=${file}`, '--set=service.telemetry.metrics.level=none']);
}

function startLoki(programs: LocalPrograms): void {
  const file = programs.configured('deploy/loki/config.yaml', [
    ['3100', programs.port('loki:3100')],
    ['9095', programs.port('loki:9095')],
  ]);
  const env = { LOKI_HOST: '127.0.0.1', LOKI_DATA: join(programs.folder, 'loki') };
  programs.start('loki', [`-config.file=${file}`, '-config.expand-env=true'], env);
}

function startCollector(programs: LocalPrograms, logsTo: string): void {
  const file = programs.configured('otel-collector.yaml', [
    ...listening(programs, 'OTELCOL_HOST', 'otel-collector', COLLECTOR_PORTS),
    ['port: 8888', `port: ${programs.port('otel-collector:8888')}`],
    ['jaeger:4317', programs.address('jaeger:4317')],
    ['http://loki:3100/otlp', logsTo],
  ]);
  programs.start('otelcol-contrib', [`--config=${file}`], { OTELCOL_HOST: '127.0.0.1', OTELCOL_DECISION_WAIT: '2s' });
}

/** With the flags of the compose file, and the rules and targets of the repository. */
function startPrometheus(programs: LocalPrograms, app: WebhookApp): void {
  const file = programs.configured('deploy/prometheus/prometheus.yml', [
    ['webhook-service:9464', new URL(app.metricsUrls.service).host],
    ['webhook-worker:9464', new URL(app.metricsUrls.worker).host],
    ['otel-collector:8888', programs.address('otel-collector:8888')],
    ['otel-collector:8889', programs.address('otel-collector:8889')],
    ['/etc/prometheus/', `${join(ROOT, 'deploy/prometheus')}/`],
  ]);
  const compose = readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8');
  const { services }: { services: { prometheus: { command: string[] } } } = parse(compose, { merge: true });
  programs.start('prometheus', [
    ...services.prometheus.command.filter((flag) => !flag.startsWith('--config.file')),
    `--config.file=${file}`,
    `--storage.tsdb.path=${join(programs.folder, 'prometheus')}`,
    `--web.listen-address=${programs.address('prometheus:9090')}`,
  ]);
}

function listening(programs: LocalPrograms, host: string, service: string, ports: readonly number[]): Change[] {
  return ports.map((port) => [`"\${env:${host}:-0.0.0.0}:${port}"`, `"${programs.address(`${service}:${port}`)}"`]);
}
