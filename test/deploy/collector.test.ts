// otel-collector.yaml in a real collector, and a webhook found in a real Jaeger, where `otelcol-contrib` and `jaeger` are on PATH. They are Go programs
// that no package of npm or Debian has, so a machine without them skips this file, visibly.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { ROOT } from '../support/checkout.ts';
import { answering, eventually } from '../support/eventually.ts';
import { endChild, spawnGuarded } from '../support/guarded-process.ts';
import { type Receiver, startReceiver } from '../support/otlp.ts';
import { freePort } from '../support/ports.ts';
import { needsPrograms } from '../support/requirements.ts';
import { freshDatabase, freshRedis } from '../support/servers.ts';
import { startWebhookApp, type WebhookApp } from '../webhook/webhook-app.ts';

const run = promisify(execFile);
const needsCollector = needsPrograms('otelcol-contrib');
const needsJaeger = needsPrograms('otelcol-contrib', 'jaeger');

interface Config {
  connectors: Record<string, unknown>;
  exporters: Record<string, unknown>;
  processors: Record<string, unknown>;
  receivers: unknown;
  extensions: unknown;
  service: { pipelines: Record<string, { receivers: string[]; exporters: string[] }>; telemetry?: unknown };
}

/** Their port is the same for every program built on the collector. */
const WITHOUT_OWN_METRICS = { metrics: { level: 'none' } };

const cleanups: (() => unknown)[] = [];
afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
});

/** The collector with the repository's file, on free ports, sending what it keeps to `sink` as well; with `storage`, with its queues on disk there. */
async function startCollector(sink: string, { jaegerPort, storage }: { jaegerPort?: number; storage?: string } = {}) {
  const ports = { otlp: await freePort(), prometheus: await freePort(), health: await freePort() };
  const config: Config = parse(readFileSync(join(ROOT, 'otel-collector.yaml'), 'utf8'));
  config.receivers = { otlp: { protocols: { http: { endpoint: `127.0.0.1:${ports.otlp}` } } } };
  config.extensions = { health_check: { endpoint: `127.0.0.1:${ports.health}` } };
  config.exporters['prometheus'] = { ...record(config.exporters['prometheus']), endpoint: `127.0.0.1:${ports.prometheus}` };
  config.exporters['otlp_http/sink'] = { endpoint: sink };
  config.processors['tail_sampling'] = { ...record(config.processors['tail_sampling']), decision_wait: '2s' };
  config.service.pipelines['traces/sampled']?.exporters.push('otlp_http/sink');
  config.connectors['span_metrics'] = { ...record(config.connectors['span_metrics']), metrics_flush_interval: '500ms' };
  if (jaegerPort === undefined) remove(config, 'otlp_grpc/jaeger');
  else config.exporters['otlp_grpc/jaeger'] = { endpoint: `127.0.0.1:${jaegerPort}`, tls: { insecure: true } };
  config.exporters['otlp_http/loki'] = { endpoint: sink, sending_queue: { batch: { flush_timeout: '200ms' } } };
  config.service.telemetry = WITHOUT_OWN_METRICS;
  const { stdout: components } = await run('otelcol-contrib', ['components']);
  if (!components.includes('service_graph')) remove(config, 'service_graph');
  const folder = mkdtempSync(join(tmpdir(), 'sietch-otel-collector-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'config.yaml');
  writeFileSync(file, stringify(config));
  const args = ['--config', file];
  if (storage !== undefined) {
    const option: Partial<Config> = parse(readFileSync(join(ROOT, 'deploy/collector/persistent-queue.yaml'), 'utf8'));
    if (jaegerPort === undefined && option.exporters !== undefined) delete option.exporters['otlp_grpc/jaeger'];
    writeFileSync(join(folder, 'option.yaml'), stringify(option));
    args.push('--config', join(folder, 'option.yaml'));
  }
  const env = { ...process.env, ...(storage === undefined ? {} : { OTELCOL_STORAGE: storage }) };
  const child = spawnGuarded({ command: 'otelcol-contrib', args, env });
  let output = '';
  child.stderr?.on('data', (chunk) => {
    output += chunk;
  });
  cleanups.push(() => endChild(child, 'SIGTERM'));
  await eventually(`the collector is ready\n${output}`, () => answers(`http://127.0.0.1:${ports.health}/`), 30_000);
  return {
    url: `http://127.0.0.1:${ports.otlp}`,
    metricsUrl: `http://127.0.0.1:${ports.prometheus}/metrics`,
    output: () => output,
    kill: () => child.kill('SIGKILL'),
  };
}

describe('otel-collector.yaml in a real collector', needsCollector, () => {
  let app: WebhookApp;
  let sink: Receiver;
  let collector: { url: string; metricsUrl: string };
  const traceId = randomBytes(16).toString('hex');

  beforeAll(async () => {
    sink = await startReceiver();
    cleanups.push(() => sink.close());
    collector = await startCollector(sink.url);
    app = await startWebhookApp({
      receiver: collector,
      databaseUrl: await freshDatabase(),
      redisUrl: await freshRedis(),
      env: { OTEL_METRICS_EXPORTER: 'prometheus,otlp', OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' },
    });
    cleanups.push(() => app.stop());
    await app.send({ id: `evt_${traceId}` }, { 'x-trace-id': traceId });
    await app.worker.waitForLine(/"webhook processed"/);
  }, 90_000);

  it('validates', async () => {
    const { stdout: components } = await run('otelcol-contrib', ['components']);
    const hasGraph = components.includes('service_graph');
    const forms = [
      ['deploy/collector/sampling.yaml'],
      ...(hasGraph ? [['otel-collector.yaml'], ['otel-collector.yaml', 'deploy/collector/persistent-queue.yaml']] : []),
      ...(hasGraph && components.includes('loadbalancing') ? [['deploy/collector/agent.yaml']] : []),
    ];
    for (const files of forms) {
      const configs = files.flatMap((file) => ['--config', join(ROOT, file)]);
      await run('otelcol-contrib', ['validate', ...configs], { env: { ...process.env, OTELCOL_STORAGE: tmpdir() } });
    }
  });

  it('passes the whole trace through tail sampling', async () => {
    const spans = await sink.store.waitForTrace(traceId, (found) => found.some(({ name }) => name === 'process webhooks'), {
      timeoutMs: 30_000,
    });
    expect(spans.map(({ name }) => name)).toEqual(expect.arrayContaining(['POST /webhooks/paddle', 'send webhooks', 'process webhooks']));
  });

  it('gives the app metrics the names that they have at the endpoint of the app itself', async () => {
    const direct = [...(await families(app.metricsUrls.service)), ...(await families(app.metricsUrls.worker))].filter(
      (name) => name !== 'target_info',
    );
    const viaCollector = await eventually(
      'the collector has all metrics of the app',
      async () => {
        const names = await families(collector.metricsUrl);
        return direct.every((name) => names.has(name)) && names;
      },
      20_000,
    ).catch(async () => families(collector.metricsUrl));
    expect([...new Set(direct)].filter((name) => !viaCollector.has(name))).toEqual([]);
    await eventually('the collector has metrics of the spans', async () =>
      (await families(collector.metricsUrl)).has('traces_span_metrics_calls_total'),
    );
  });

  it('has the exemplars of pushed metrics: the duration of the request leads to its trace', async () => {
    const exemplar = new RegExp(`^http_server_request_duration_seconds_bucket\\{.*\\} \\d+ # \\{.*trace_id="${traceId}".*\\}`, 'm');
    await eventually('the exemplar has arrived', async () => exemplar.test(await openMetrics(collector.metricsUrl)), 30_000);
  });
});

describe('otel-collector.yaml with deploy/collector/persistent-queue.yaml', needsCollector, () => {
  it('keeps what waits for Loki when the collector is killed', { timeout: 60_000 }, async () => {
    const storage = mkdtempSync(join(tmpdir(), 'sietch-otel-storage-'));
    cleanups.push(() => rmSync(storage, { recursive: true, force: true }));
    const lokiPort = await freePort();
    const start = () => startCollector(`http://127.0.0.1:${lokiPort}`, { storage });
    const first = await start();
    await sendLog(first.url, 'kept on disk');
    await eventually('the collector has tried to send it', () => first.output().includes('Exporting failed'), 20_000);
    first.kill();
    await start();
    const loki = await startReceiver({ port: lokiPort });
    cleanups.push(() => loki.close());
    await eventually('it has arrived', () => loki.store.logs.some(({ body }) => body === 'kept on disk'), 30_000);
  });
});

async function sendLog(url: string, text: string): Promise<void> {
  const logRecords = [{ timeUnixNano: `${Date.now()}000000`, severityNumber: 9, body: { stringValue: text } }];
  const body = JSON.stringify({ resourceLogs: [{ resource: {}, scopeLogs: [{ scope: { name: 'test' }, logRecords }] }] });
  const { ok } = await fetch(`${url}/v1/logs`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  expect(ok).toBe(true);
}

describe('the webhook in a real Jaeger', needsJaeger, () => {
  it('is found by its x-trace-id', { timeout: 120_000 }, async () => {
    const ports = { otlp: await freePort(), query: await freePort(), grpc: await freePort(), health: await freePort() };
    const jaegerConfig: { extensions: Record<string, unknown>; receivers: unknown; service: { telemetry: unknown } } = parse(
      readFileSync(join(ROOT, 'deploy/jaeger/config.yaml'), 'utf8'),
    );
    jaegerConfig.service.telemetry = WITHOUT_OWN_METRICS;
    jaegerConfig.receivers = { otlp: { protocols: { grpc: { endpoint: `127.0.0.1:${ports.otlp}` } } } };
    jaegerConfig.extensions['healthcheckv2'] = { use_v2: true, http: { endpoint: `127.0.0.1:${ports.health}` } };
    jaegerConfig.extensions['jaeger_query'] = {
      ...record(jaegerConfig.extensions['jaeger_query']),
      ui: {},
      http: { endpoint: `127.0.0.1:${ports.query}` },
      grpc: { endpoint: `127.0.0.1:${ports.grpc}` },
    };
    const folder = mkdtempSync(join(tmpdir(), 'sietch-otel-jaeger-'));
    cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, 'jaeger.yaml');
    writeFileSync(file, stringify(jaegerConfig));
    const child = spawnGuarded({ command: 'jaeger', args: ['--config', file] });
    cleanups.push(() => endChild(child, 'SIGTERM'));
    await eventually('Jaeger is ready', () => answers(`http://127.0.0.1:${ports.health}/status`), 30_000);

    const sink = await startReceiver();
    cleanups.push(() => sink.close());
    const collector = await startCollector(sink.url, { jaegerPort: ports.otlp });
    const app = await startWebhookApp({ receiver: collector, databaseUrl: await freshDatabase(), redisUrl: await freshRedis() });
    cleanups.push(() => app.stop());
    const traceId = randomBytes(16).toString('hex');
    await app.send({ id: `evt_${traceId}` }, { 'x-trace-id': traceId });
    const trace = await eventually(
      'Jaeger has the webhook',
      async () => {
        const response = await fetch(`http://127.0.0.1:${ports.query}/api/traces/${traceId}`);
        if (!response.ok) return undefined;
        const { data }: { data: JaegerTrace[] } = JSON.parse(await response.text());
        return data[0]?.spans.some(({ operationName }) => operationName === 'process webhooks') && data[0];
      },
      45_000,
    );
    expect(new Set(Object.values(trace.processes).map(({ serviceName }) => serviceName))).toEqual(
      new Set(['webhook-service', 'webhook-worker']),
    );
    // A phantom parent would be a warning of Jaeger's on the root span.
    expect(trace.spans.flatMap(({ warnings }) => warnings ?? [])).toEqual([]);
  });
});

interface JaegerTrace {
  spans: { operationName: string; warnings: string[] | null }[];
  processes: Record<string, { serviceName: string }>;
}

function remove(config: Config, component: string): void {
  delete config.connectors[component];
  delete config.exporters[component];
  for (const pipeline of Object.values(config.service.pipelines)) {
    pipeline.receivers = pipeline.receivers.filter((name) => name !== component);
    pipeline.exporters = pipeline.exporters.filter((name) => name !== component);
  }
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

async function families(url: string): Promise<Set<string>> {
  const text = await (await answering(url)).text();
  return new Set(text.split('\n').flatMap((line) => /^# TYPE (\S+)/.exec(line)?.[1] ?? []));
}

async function openMetrics(url: string): Promise<string> {
  return (await fetch(url, { headers: { accept: 'application/openmetrics-text; version=1.0.0' } })).text();
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    (response) => response.ok,
    () => false,
  );
}
