// One webhook is one trace, from the HTTP request through the queue to the last SQL statement, whichever way the app and the preload are written.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Preload } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { INSTALLING_MS } from '../support/npm-packages.ts';
import { type Receiver, type Span, type SpanNode, spanNamed, spanTree, startReceiver } from '../support/otlp.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { nodeForTest } from '../support/requirements.ts';
import { freshRedis } from '../support/servers.ts';
import { startWebhookApp } from './webhook-app.ts';

// POST /webhooks/paddle             SERVER    webhook-service   x-trace-id taken over
// ├─ INSERT webhook_events          CLIENT
// └─ send webhooks                  PRODUCER                    200 is answered here
//    └─ process webhooks            CONSUMER  webhook-worker
//       ├─ get                      CLIENT
//       ├─ SELECT customers         CLIENT
//       ├─ set                      CLIENT
//       ├─ GET                      CLIENT                      to Paddle, traceparent and x-trace-id injected
//       └─ UPDATE webhook_events    CLIENT
const leaf = (name: string): SpanNode => ({ name, kind: 'CLIENT', status: 'UNSET', children: [] });
const expectedTree: SpanNode[] = [
  {
    name: 'POST /webhooks/paddle',
    kind: 'SERVER',
    status: 'UNSET',
    children: [
      leaf('INSERT webhook_events'),
      {
        name: 'send webhooks',
        kind: 'PRODUCER',
        status: 'UNSET',
        children: [
          {
            name: 'process webhooks',
            kind: 'CONSUMER',
            status: 'UNSET',
            children: [leaf('get'), leaf('SELECT customers'), leaf('set'), leaf('GET'), leaf('UPDATE webhook_events')],
          },
        ],
      },
    ],
  },
];

let postgres: Postgres;
let receiver: Receiver;

beforeAll(async () => {
  postgres = await startPostgres({ own: true, logMinDurationMs: 0 });
  receiver = await startReceiver();
});
afterAll(async () => {
  await receiver?.close();
  await postgres?.stop();
});

async function followOneWebhook(options: { format: 'cjs' | 'esm'; preload: Preload; node?: string }) {
  const databaseUrl = await postgres.createDatabase();
  const app = await startWebhookApp({ ...options, receiver, databaseUrl, redisUrl: await freshRedis() });
  try {
    // The first webhook opens the connections to PostgreSQL, which are spans of their own.
    await app.send({ id: 'evt_first', customerId: 'ctm_2' });
    await app.worker.waitForLine(/"evt_first".*"webhook processed"/);
    const traceId = randomBytes(16).toString('hex');
    const response = await app.send({ id: `evt_${traceId}` }, { 'x-trace-id': traceId });
    const spans = await receiver.store.waitForTrace(
      traceId,
      (found) => ['POST /webhooks/paddle', 'process webhooks'].every((name) => found.some((span) => span.name === name)),
      { timeoutMs: 20_000 },
    );
    await app.worker.waitForLine(new RegExp(`"evt_${traceId}".*"webhook processed"`));
    return { app, traceId, response, spans };
  } finally {
    await app.stop();
  }
}

describe('one webhook', () => {
  it('is one trace across two processes, with its id in the answer, the log lines, the outgoing call and the SQL', async () => {
    const { app, traceId, response, spans } = await followOneWebhook({ format: 'cjs', preload: 'require' });
    expect(spanTree(spans)).toEqual(expectedTree);
    expect(new Set(spans.map((span) => span.service))).toEqual(new Set(['webhook-service', 'webhook-worker']));
    expect(spanNamed(spans, 'POST /webhooks/paddle').parentSpanId).toBe('');
    expect(response.status).toBe(200);
    expect(response.headers.get('x-trace-id')).toBe(traceId);

    const spanIds = new Set(spans.map((span: Span) => span.spanId));
    const logLines = [...jsonLines(app.service.stdout), ...jsonLines(app.worker.stdout)].filter(({ event }) => event === `evt_${traceId}`);
    expect(logLines.map(({ msg }) => msg)).toEqual(['webhook received', 'webhook processed']);
    for (const line of logLines) {
      expect(line).toMatchObject({ trace_id: traceId, trace_flags: '01' });
      expect(spanIds).toContain(line['span_id']);
    }

    expect(app.paddleCalls).toHaveLength(2);
    expect(app.paddleCalls[1]?.['x-trace-id']).toBe(traceId);
    expect(app.paddleCalls[1]?.['traceparent']).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));

    for (const name of ['INSERT webhook_events', 'SELECT customers', 'UPDATE webhook_events']) {
      const [operation = ''] = name.split(' ');
      const span = spanNamed(spans, name);
      await eventually(`the server logged the ${operation} with the id of its span`, () =>
        postgres
          .log()
          .split('\n')
          .some((line) => line.includes(operation) && line.includes(`traceparent='00-${traceId}-${span.spanId}-01'`)),
      );
    }
  });

  const ways: { format: 'cjs' | 'esm'; preload: Preload }[] = [
    { format: 'cjs', preload: 'import' },
    { format: 'esm', preload: 'require' },
    { format: 'esm', preload: 'import' },
  ];
  it.each(ways)('has the same spans for a $format app under --$preload', async (way) => {
    const { spans } = await followOneWebhook(way);
    expect(spanTree(spans)).toEqual(expectedTree);
  });

  const versions = (['22', '24', '26'] as const).flatMap((version) =>
    (['require', 'import'] as const).map((preload) => ({ version, preload })),
  );
  it.each(versions)(
    'has the same spans as an ES module on Node $version under --$preload',
    { timeout: INSTALLING_MS },
    async ({ version, preload }) => {
      const { spans } = await followOneWebhook({ format: 'esm', preload, node: await nodeForTest(version) });
      expect(spanTree(spans)).toEqual(expectedTree);
    },
  );
});

function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line): Record<string, unknown> => JSON.parse(line));
}
