// What the collector of docker-compose.yml makes of spans, in Prometheus: exemplars, the metrics behind a span's links, the service graph. Needs the
// collector on PATH, and any Prometheus.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type Receiver, startReceiver } from '../support/otlp.ts';
import { needsPrograms } from '../support/requirements.ts';
import { freshDatabase, freshRedis } from '../support/servers.ts';
import { dataSources, spanQuery } from './data-sources.ts';
import { type LocalStack, startLocalStack } from './local-stack.ts';

const MINUTE = 60_000;

describe('span metrics in Prometheus', needsPrograms('otelcol-contrib', 'prometheus'), () => {
  let stack: LocalStack;
  let logs: Receiver;
  let load: NodeJS.Timeout;

  beforeAll(async () => {
    logs = await startReceiver();
    stack = await startLocalStack({ databaseUrl: await freshDatabase(), redisUrl: await freshRedis(), logsTo: logs.url, hasJaeger: false });
    let count = 0;
    load = setInterval(() => {
      count += 1;
      stack.app.send({ id: `evt_${count}`, customerId: count % 10 === 0 ? 'ctm_missing' : 'ctm_1' }).catch(() => {});
    }, 200);
  }, 3 * MINUTE);
  afterAll(async () => {
    clearInterval(load);
    await stack?.stop();
    await logs?.close();
  });

  const api = async (path: string, parameters: Readonly<Record<string, string>>): Promise<unknown> => {
    const answer: { data?: unknown } = JSON.parse(
      await (await fetch(`${stack.urls.prometheus}/api/v1/${path}?${new URLSearchParams(parameters)}`)).text(),
    );
    return answer.data;
  };
  const services = async (query: string): Promise<string[]> => {
    const data = await api('query', { query });
    const result: { metric: Record<string, string> }[] =
      typeof data === 'object' && data !== null && 'result' in data && Array.isArray(data.result) ? data.result : [];
    return result.map(({ metric }) => metric['service_name'] ?? `${metric['client']} -> ${metric['server']}`);
  };

  it('have exemplars with the id of a trace, which log records of the app have too', { timeout: 2 * MINUTE }, async () => {
    const ids = await eventually(
      'exemplars of the durations',
      async () => {
        const now = Date.now() / 1000;
        const query = 'traces_span_metrics_duration_milliseconds_bucket{service_name="webhook-worker"}';
        const data = await api('query_exemplars', { query, start: String(now - 600), end: String(now + 60) });
        const found = Array.isArray(data) ? data.flatMap(({ exemplars }) => exemplars) : [];
        return found.length > 0 && found.map(({ labels }: { labels: Record<string, string> }) => labels['trace_id'] ?? '');
      },
      90_000,
    );
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
    await eventually('a log record of one of the traces', () => logs.store.logs.some(({ traceId }) => ids.includes(traceId)));
  });

  it.each([
    ['POST /webhooks/paddle', 'webhook-service'],
    ['send webhooks', 'webhook-service'],
    ['process webhooks', 'webhook-worker'],
  ])('answer the links of a span %s', { timeout: 3 * MINUTE }, async (operationName, serviceName) => {
    const span = { traceID: '', spanID: '', operationName, startTime: 0, duration: 0, processID: '', tags: [], warnings: null };
    const [calls, failed, duration] = dataSources()['jaeger']?.jsonData.tracesToMetrics?.queries ?? [];
    for (const link of operationName.startsWith('process') ? [calls, failed, duration] : [calls, duration]) {
      const query = spanQuery(link?.query ?? '', span, { serviceName, tags: [] }) ?? '';
      await eventually(`${serviceName} is among the series of ${query}`, async () => (await services(query)).includes(serviceName), 90_000);
    }
  });

  it('come with the edge from the service to its worker', { timeout: 2 * MINUTE }, async () => {
    await eventually(
      'the service graph has it',
      async () => (await services('traces_service_graph_request_total')).includes('webhook-service -> webhook-worker'),
      90_000,
    );
  });
});
