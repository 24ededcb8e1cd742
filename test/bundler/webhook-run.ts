// One webhook through the example service, bundled or not, as its telemetry and its log lines show it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { startPaddle } from '../../examples/webhook-service/demo/paddle.ts';
import { type Preload, runApp } from '../support/app.ts';
import { ROOT } from '../support/checkout.ts';
import { eventually } from '../support/eventually.ts';
import { lastPoint, type Span, type SpanNode, spanTree, startReceiver } from '../support/otlp.ts';
import { freshDatabase, freshRedis } from '../support/servers.ts';
import { ask } from '../support/web-app.ts';

/** What must be the same however the program is built. */
export interface Seen {
  readonly answer: { status: number; body: string };
  readonly spans: readonly SpanNode[];
  /** Names of spans with the names of their attributes. */
  readonly attributes: readonly string[];
  /** Names of metrics with the names of their attributes. */
  readonly metrics: readonly string[];
  /** Fields of each line of the webhook, by message. */
  readonly logFields: Readonly<Record<string, readonly string[]>>;
  readonly problems: readonly string[];
}

/** How busy the machine was: metrics of the runtime and of the export, an attribute and diagnostics of waits. */
const OF_THE_MACHINE = {
  metric: /^(nodejs|v8js|process|sietch\.otel)\./,
  attribute: 'sietch.pg.pool.wait',
  problem: /SIETCH(09\d|176)|PeriodicExportingMetricReader/,
};
const UNTIMED = {
  OTEL_METRIC_EXPORT_INTERVAL: '2000',
  OTEL_METRIC_EXPORT_TIMEOUT: '2000',
  SIETCH_OTEL_REDIS_SLOW_MS: '0',
  SIETCH_OTEL_PG_SLOW_QUERY_MS: '0',
};
const BODY = JSON.stringify({ id: 'evt_1', type: 'report.requested', customerId: 'ctm_1' });

/** The span that ends last where everything is seen. */
const WHOLE = 'process webhooks';

/** @param last the name of the span that arrives last; none does without the preload. */
export async function runWebhook(file: string, node: string, last = WHOLE, preload: Preload = 'require'): Promise<Seen> {
  const [receiver, paddle] = await Promise.all([startReceiver(), startPaddle()]);
  const env = { DATABASE_URL: await freshDatabase(), REDIS_URL: await freshRedis(), PADDLE_URL: paddle.url, PORT: '0' };
  await loadSchema(env.DATABASE_URL);
  const app = runApp(file, {
    receiver,
    node,
    preload,
    env: { ...env, ...UNTIMED, OTEL_SERVICE_NAME: 'shop', OTEL_METRICS_EXPORTER: 'otlp', SIETCH_OTEL_CIRCUIT_SPANS: 'on' },
  });
  try {
    await app.waitForLine(/"msg":"working"/);
    const [, port] = await app.waitForLine(/"port":(\d+)/);
    const headers = { 'content-type': 'application/json' };
    const answer = await ask(`http://127.0.0.1:${port}/webhooks/paddle`, { method: 'POST', headers, body: BODY });
    await app.waitForLine(/"msg":"webhook processed"/);
    const traceId = String(answer.headers['x-trace-id']);
    // The rest arrives at the end of the process, for which a busy machine may leave no time.
    if (preload !== 'none') await receiver.store.waitForTrace(traceId, (arrived) => arrived.some(({ name }) => name === last));
    // The queue's depth is read after the first collection, so what ends before a second one has none.
    if (last === WHOLE && preload !== 'none')
      await eventually('the depth of the queue arrives', () => lastPoint(receiver.store.metrics, 'sietch.queue.depth'));
    const { stdout, stderr } = await app.stop();
    const spans = receiver.store.spans.filter((span) => span.traceId === traceId);
    return {
      answer: { status: answer.status, body: answer.body },
      spans: spanTree(spans).map(withoutDatabase),
      attributes: spans.map(namesIn).sort(),
      metrics: [...new Set(receiver.store.metrics.flatMap(({ name, points }) => points.map((point) => namesIn({ ...point, name }))))]
        .filter((text) => !OF_THE_MACHINE.metric.test(text))
        .sort(),
      logFields: logFields(stdout, traceId),
      problems: stderr.split('\n').filter((line) => /^\[sietch-otel\] (warn|error) /.test(line) && !OF_THE_MACHINE.problem.test(line)),
    };
  } finally {
    await app.stop();
    await receiver.close();
    paddle.close();
  }
}

/** Its name is another in each run. */
function withoutDatabase({ name, children, ...rest }: SpanNode): SpanNode {
  return { ...rest, name: name.replace(/test_\w+/, 'DATABASE'), children: children.map(withoutDatabase) };
}

function namesIn({ name, attributes }: Pick<Span, 'name' | 'attributes'>): string {
  return `${name.replace(/test_\w+/, 'DATABASE')} ${Object.keys(attributes)
    .filter((key) => key !== OF_THE_MACHINE.attribute)
    .sort()
    .join(' ')}`;
}

function logFields(stdout: string, traceId: string): Record<string, string[]> {
  const lines = stdout.split('\n').filter((line) => line.includes('"msg":"webhook'));
  return Object.fromEntries(
    lines.map((text): [string, string[]] => {
      const line: { msg: string } = JSON.parse(text);
      return [line.msg, Object.entries(line).map(([key, value]) => (value === traceId ? `${key}: of the webhook` : key))];
    }),
  );
}

async function loadSchema(connectionString: string): Promise<void> {
  const client = new Client({ connectionString });
  await client.connect();
  await client.query(readFileSync(join(ROOT, 'examples/webhook-service/schema.sql'), 'utf8'));
  await client.end();
}
