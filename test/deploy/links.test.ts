// Every link of the stack, followed by the APIs behind it: docker-compose.yml's programs as processes of this machine, where they are on PATH.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../support/checkout.ts';
import { eventually } from '../support/eventually.ts';
import { type Receiver, startReceiver } from '../support/otlp.ts';
import { type Prometheus, startPrometheus } from '../support/prometheus.ts';
import { needsPrograms, needsPrometheus } from '../support/requirements.ts';
import { freshDatabase, freshRedis } from '../support/servers.ts';
import { startWebhookApp, type WebhookApp } from '../webhook/webhook-app.ts';
import { dataSources, type JaegerProcess, type JaegerSpan, spanQuery, traceQuery } from './data-sources.ts';
import { type LocalStack, STACK_PROGRAMS, startLocalStack } from './local-stack.ts';

const run = promisify(execFile);
const MINUTE = 60_000;
const SERVICES = ['webhook-service', 'webhook-worker'];

interface JaegerTrace {
  traceID: string;
  spans: JaegerSpan[];
  processes: Record<string, JaegerProcess>;
}

/** The data sources and their links need no program. */
describe('the data sources of Grafana', () => {
  const { prometheus, jaeger, loki } = dataSources();

  it('link to one another by uid', () => {
    const { tracesToLogsV2, tracesToMetrics } = jaeger?.jsonData ?? {};
    expect([tracesToLogsV2?.datasourceUid, tracesToMetrics?.datasourceUid]).toEqual([loki?.uid, prometheus?.uid]);
    expect([
      prometheus?.jsonData.exemplarTraceIdDestinations?.[0]?.datasourceUid,
      loki?.jsonData.derivedFields?.[0]?.datasourceUid,
    ]).toEqual([jaeger?.uid, jaeger?.uid]);
  });

  it('need of a span its ids and its name alone: Jaeger gives no service.name among the tags', () => {
    const span = {
      traceID: 'a'.repeat(32),
      spanID: 'b'.repeat(16),
      operationName: 'send webhooks',
      startTime: 1,
      duration: 1,
      processID: 'p1',
      tags: [],
      warnings: null,
    };
    const { tracesToLogsV2, tracesToMetrics } = jaeger?.jsonData ?? {};
    const queries = [tracesToLogsV2?.query ?? '${none}', ...(tracesToMetrics?.queries ?? []).map(({ query }) => query)];
    expect(queries).toHaveLength(4);
    for (const query of queries) expect(spanQuery(query, span, { serviceName: 'webhook-service', tags: [] }), query).toBeDefined();
    expect(traceQuery(tracesToLogsV2?.query ?? '', span.traceID)).toBe(`{service_name=~".+"} | trace_id="${span.traceID}"`);
  });
});

it('the link of a trace in Jaeger asks Loki in Grafana as the link in Grafana does', () => {
  const { linkPatterns }: { linkPatterns: { type: string; url: string }[] } = JSON.parse(
    readFileSync(join(ROOT, 'deploy/jaeger/ui.json'), 'utf8'),
  );
  const traceId = 'a'.repeat(32);
  const url = new URL(linkPatterns.find(({ type }) => type === 'traces')?.url.replace('#{traceID}', traceId) ?? '');
  const { a }: { a: { datasource: string; queries: { expr: string }[] } } = JSON.parse(url.searchParams.get('panes') ?? '');
  const { jaeger, loki } = dataSources();
  expect(a.datasource).toBe(loki?.uid);
  expect(a.queries[0]?.expr).toBe(traceQuery(jaeger?.jsonData.tracesToLogsV2?.query ?? '', traceId));
});

/** With our own receiver in the place of Jaeger and Loki. */
describe('the ids that the links are made of', await needsPrometheus(), () => {
  let receiver: Receiver;
  let app: WebhookApp;
  let prometheus: Prometheus;

  beforeAll(async () => {
    receiver = await startReceiver();
    app = await startWebhookApp({
      databaseUrl: await freshDatabase(),
      redisUrl: await freshRedis(),
      receiver,
      env: { OTEL_LOGS_EXPORTER: 'otlp' },
    });
    prometheus = await startPrometheus({ targets: Object.values(app.metricsUrls).map((url) => new URL(url).host) });
    await app.send({ id: 'evt_1' });
    await app.worker.waitForLine(/"webhook processed"/);
  }, MINUTE);
  afterAll(async () => {
    await prometheus?.stop();
    await app?.stop();
    await receiver?.close();
  });

  it.each([
    'http_server_request_duration_seconds_bucket',
    'db_client_operation_duration_seconds_bucket',
    'messaging_process_duration_seconds_bucket',
  ])('%s → exemplar → trace', { timeout: MINUTE }, async (query) => {
    const label = dataSources()['prometheus']?.jsonData.exemplarTraceIdDestinations?.[0]?.name ?? '';
    const id = await eventually(`an exemplar of ${query}`, async () => {
      const now = Date.now() / 1000;
      const data = await prometheus.api('query_exemplars', { query, start: String(now - 600), end: String(now + 60) });
      return Array.isArray(data) && data[0]?.exemplars[0]?.labels[label];
    });
    const spans = await receiver.store.waitForTrace(id, (found) => found.some(({ name }) => name === 'process webhooks'));
    expect(spans.some(({ name }) => name === 'POST /webhooks/paddle')).toBe(true);
  });

  it('a log record of each service has the id of the trace', { timeout: MINUTE }, async () => {
    const { traceId } = receiver.store.spans.find(({ name }) => name === 'POST /webhooks/paddle') ?? { traceId: '' };
    await eventually('both have', () =>
      SERVICES.every((name) => receiver.store.trace(traceId).logs.some(({ service }) => service === name)),
    );
  });
});

const needsLoki = needsPrograms('loki');

describe('the stack', needsPrograms(...STACK_PROGRAMS), () => {
  let stack: LocalStack;
  let logs: Receiver;
  let redisUrl: string;
  let load: NodeJS.Timeout;
  const { jaeger, loki } = dataSources();

  beforeAll(async () => {
    redisUrl = await freshRedis();
    logs = await startReceiver();
    const logsTo = needsLoki.skip === true ? { logsTo: logs.url } : {};
    stack = await startLocalStack({ databaseUrl: await freshDatabase(), redisUrl, ...logsTo });
    let count = 0;
    const send = () => {
      count += 1;
      const type = count % 4 === 0 ? 'subscription.updated' : 'payment.completed';
      stack.app.send({ id: `evt_${count}`, type, customerId: count % 10 === 0 ? 'ctm_missing' : 'ctm_1' }).catch(() => {});
    };
    load = setInterval(send, 100);
  }, 3 * MINUTE);
  afterAll(async () => {
    clearInterval(load);
    await stack?.stop();
    await logs?.close();
  });

  const json = async (url: string): Promise<unknown> => {
    const response = await fetch(url);
    return response.ok ? response.json() : undefined;
  };
  const prometheus = async (path: string, parameters: Readonly<Record<string, string>>): Promise<unknown> => {
    const answer = await json(`${stack.urls.prometheus}/api/v1/${path}?${new URLSearchParams(parameters)}`);
    return isRecord(answer) ? answer['data'] : undefined;
  };
  const samples = async (query: string): Promise<{ metric: Record<string, string>; value: [number, string] }[]> => {
    const data = await prometheus('query', { query });
    return isRecord(data) && Array.isArray(data['result']) ? data['result'] : [];
  };
  const jaegerTrace = async (traceId: string): Promise<JaegerTrace | undefined> => {
    const answer = await json(`${stack.urls.jaeger}/api/traces/${traceId}`);
    return isRecord(answer) && Array.isArray(answer['data']) ? answer['data'][0] : undefined;
  };
  /** What leads from a metric to a trace, by the name that the data source reads the id from. */
  const exemplarIds = async (query: string): Promise<string[]> => {
    const label = dataSources()['prometheus']?.jsonData.exemplarTraceIdDestinations?.[0]?.name ?? '';
    const now = Date.now() / 1000;
    const data = await prometheus('query_exemplars', { query, start: String(now - 600), end: String(now) });
    if (!Array.isArray(data)) return [];
    return data.flatMap(({ exemplars }) => exemplars.map((each: { labels: Record<string, string> }) => each.labels[label] ?? ''));
  };
  const logsOf = async (query: string): Promise<{ stream: Record<string, string>; values: [string, string][] }[]> => {
    const answer = await json(`${stack.urls.loki}/loki/api/v1/query_range?${new URLSearchParams({ query, since: '10m', limit: '100' })}`);
    return isRecord(answer) && isRecord(answer['data']) && Array.isArray(answer['data']['result']) ? answer['data']['result'] : [];
  };
  /** A webhook that both services have had. */
  const wholeTrace = () =>
    eventually(
      'Jaeger has a webhook whole',
      async () => {
        const answer = await json(`${stack.urls.jaeger}/api/traces?service=webhook-worker&limit=50&lookback=1h`);
        const traces: JaegerTrace[] = isRecord(answer) && Array.isArray(answer['data']) ? answer['data'] : [];
        return traces.find(({ processes }) =>
          SERVICES.every((name) => Object.values(processes).some(({ serviceName }) => serviceName === name)),
        );
      },
      MINUTE,
    );

  it.each([
    ['a metric of the app', 'http_server_request_duration_seconds_bucket'],
    ['a metric of the database', 'db_client_operation_duration_seconds_bucket'],
    ['a metric that the collector made of spans', 'traces_span_metrics_duration_milliseconds_bucket'],
  ])('%s → exemplar → trace', { timeout: 2 * MINUTE }, async (_what, query) => {
    await eventually(
      `an exemplar of ${query} leads to a trace in Jaeger`,
      async () => {
        for (const id of (await exemplarIds(query)).slice(0, 20)) if ((await jaegerTrace(id)) !== undefined) return true;
        return false;
      },
      90_000,
    );
  });

  it('trace → logs: of both services, by the trace id alone', { ...needsLoki, timeout: 2 * MINUTE }, async () => {
    const { traceID, spans, processes } = await wholeTrace();
    const link = jaeger?.jsonData.tracesToLogsV2?.query ?? '';
    const [span] = spans;
    if (span === undefined) throw new Error('a trace without spans');
    expect(spanQuery(link, span, processes[span.processID] ?? { serviceName: '', tags: [] })).toBe(traceQuery(link, traceID));
    await eventually(
      'Loki has the log records of both',
      async () => {
        const names = (await logsOf(traceQuery(link, traceID) ?? '')).map(({ stream }) => stream['service_name']);
        return SERVICES.every((name) => names.includes(name));
      },
      MINUTE,
    );
  });

  it('log → trace: the derived field reads the id from a label', { ...needsLoki, timeout: 2 * MINUTE }, async () => {
    const field = loki?.jsonData.derivedFields?.[0];
    const records = await eventually('Loki has log records', async () => {
      const found = await logsOf('{service_name="webhook-worker"} | trace_id!=""');
      return found.length > 0 && found;
    });
    const labels = Object.keys(records[0]?.stream ?? {}).filter((key) => new RegExp(field?.matcherRegex ?? '').test(key));
    expect(labels).toEqual(['trace_id']);
    const ids = records.map(({ stream }) => stream['trace_id'] ?? '');
    await eventually(
      'Jaeger has the trace of one',
      async () => (await Promise.all(ids.slice(0, 10).map(jaegerTrace))).some(Boolean),
      MINUTE,
    );
  });

  it('trace → metrics: each span has its calls and durations, with the service that it is of', { timeout: 3 * MINUTE }, async () => {
    const { spans, processes } = await wholeTrace();
    const [calls, , duration] = jaeger?.jsonData.tracesToMetrics?.queries ?? [];
    for (const span of spans) {
      const process = processes[span.processID] ?? { serviceName: '', tags: [] };
      expect(process.tags.map(({ key }) => key)).not.toContain('service.name');
      for (const link of [calls, duration]) {
        const query = spanQuery(link?.query ?? '', span, process) ?? '';
        await eventually(
          `${process.serviceName} is among the series of ${query}`,
          async () => (await samples(query)).some(({ metric }) => metric['service_name'] === process.serviceName),
          90_000,
        );
      }
    }
  });

  it('service graph: in Prometheus and in Jaeger', { timeout: 2 * MINUTE }, async () => {
    await eventually(
      'Prometheus has the edge from the service to its worker',
      async () => (await samples('traces_service_graph_request_total{client="webhook-service", server="webhook-worker"}')).length > 0,
      90_000,
    );
    const answer = await json(`${stack.urls.jaeger}/api/dependencies?endTs=${Date.now()}&lookback=3600000`);
    const edges = isRecord(answer) && Array.isArray(answer['data']) ? answer['data'] : [];
    expect(edges).toContainEqual(expect.objectContaining({ parent: 'webhook-service', child: 'webhook-worker' }));
  });

  it.each(['calls', 'errors', 'latencies'])('service performance monitoring: Jaeger shows %s', { timeout: 3 * MINUTE }, async (what) => {
    const parameters = {
      service: 'webhook-worker',
      quantile: '0.95',
      lookback: '600000',
      step: '15000',
      ratePer: '60000',
      spanKind: 'consumer',
      endTs: '',
    };
    await eventually(
      `Jaeger has ${what} of the worker`,
      async () => {
        const query = new URLSearchParams({ ...parameters, endTs: String(Date.now()) });
        const answer = await json(`${stack.urls.jaeger}/api/metrics/${what}?${query}`);
        const metrics = isRecord(answer) && Array.isArray(answer['metrics']) ? answer['metrics'] : [];
        return metrics.some(({ metricPoints }) =>
          metricPoints.some((point: { gaugeValue?: { doubleValue?: number } }) => (point.gaugeValue?.doubleValue ?? 0) > 0),
        );
      },
      2 * MINUTE,
    );
  });

  it('alert → runbook → a command that works', { timeout: 5 * MINUTE }, async () => {
    stack.app.paddle.status = 503;
    const firing = await eventually(
      'SietchCircuitOpen fires',
      async () => {
        const data = await prometheus('alerts', {});
        const alerts: { labels: Record<string, string>; annotations: Record<string, string>; state: string }[] =
          isRecord(data) && Array.isArray(data['alerts']) ? data['alerts'] : [];
        return alerts.find(({ labels, state }) => labels['alertname'] === 'SietchCircuitOpen' && state === 'firing');
      },
      2 * MINUTE,
    );
    const [page = '', section = ''] = (firing.annotations['runbook'] ?? '').split('#');
    const runbook = readFileSync(join(ROOT, page), 'utf8');
    expect(runbook.toLowerCase()).toContain(`\n## ${section}\n`);
    const commands = new Set([...runbook.matchAll(/`npx sietch-otel ([^`]+)`/g)].map(([, command = '']) => command));
    expect([...commands].sort()).toEqual(['dlq ls webhooks', 'dlq replay webhooks --all', 'doctor', 'now']);
    for (const command of commands) {
      const { stdout } = await run(process.execPath, [join(ROOT, 'dist/cli/main.js'), ...command.split(' ')], {
        env: { ...process.env, REDIS_URL: redisUrl, OTEL_EXPORTER_OTLP_ENDPOINT: stack.urls.collector },
      });
      expect(stdout, command).not.toBe('');
    }
    // Others may fire with it: one that flaps.
    const rows = await samples(
      'max by (alertname, sietch_circuit_breaker_name) (ALERTS_FOR_STATE{alertname=~"Sietch.+"} and ignoring (alertstate) ALERTS{alertstate="firing"})',
    );
    const open = { alertname: 'SietchCircuitOpen', sietch_circuit_breaker_name: 'paddle' };
    expect(rows.map(({ metric }) => metric)).toContainEqual(open);
  });
});

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
