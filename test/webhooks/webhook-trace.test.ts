// WebhookQueue under the preload: what one webhook looks like in a trace.
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type App, runApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { allText, type Receiver, type Span, spanTree, startReceiver } from '../support/otlp.ts';
import { freshDatabase, freshRedis } from '../support/servers.ts';

let receiver: Receiver;
let app: App;
let port: string;

beforeAll(async () => {
  const databaseUrl = await freshDatabase();
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query('CREATE TABLE ledger (event_id text)');
  await client.end();
  receiver = await startReceiver();
  app = runApp('test/app/queue-webhooks.mjs', { receiver, env: { REDIS_URL: await freshRedis(), DATABASE_URL: databaseUrl } });
  [, port = ''] = await app.waitForLine(/^port (\d+)$/);
});
afterAll(async () => {
  await app?.stop();
  await receiver?.close();
});

async function post(path: string, body = ''): Promise<{ mode?: string; jobId: string; traceId: string }> {
  const response = await fetch(`http://127.0.0.1:${port}/${path}`, { method: 'POST', body });
  const text = await response.text();
  expect(response.status, text).toBe(200);
  return JSON.parse(text);
}

async function traceWith(traceId: string, name: string, count = 1): Promise<Span[]> {
  return await eventually(`${count} spans ${name} in the trace`, () => {
    const spans = receiver.store.spans.filter((span) => span.traceId === traceId);
    return spans.filter((span) => span.name === name).length >= count && spans;
  });
}

// POST                       SERVER    200 at once
// └─ send webhooks           PRODUCER
//    └─ process webhooks     CONSUMER
//       └─ INSERT …          CLIENT    what the processor wrote; claim, queue and Redis make no spans
test('the whole life of a webhook is four spans', async () => {
  const { mode, traceId } = await post('webhooks/paid', 'evt_1');
  expect(mode).toBe('queued');
  const spans = await traceWith(traceId, 'process webhooks');
  expect(spanTree(spans)).toMatchObject([
    {
      kind: 'SERVER',
      children: [
        {
          name: 'send webhooks',
          kind: 'PRODUCER',
          status: 'UNSET',
          children: [
            {
              name: 'process webhooks',
              kind: 'CONSUMER',
              status: 'UNSET',
              children: [{ name: expect.stringMatching(/^INSERT/), children: [] }],
            },
          ],
        },
      ],
    },
  ]);
  expect(spans).toHaveLength(4);
  expect(spans.find(({ name }) => name === 'process webhooks')?.attributes).toMatchObject({
    'messaging.message.id': 'e-evt_1',
    'sietch.queue.job.name': 'paid',
    'sietch.queue.job.attempt': 1,
    'sietch.queue.job.max_attempts': 2,
  });
});

test('a failing webhook is an error in each attempt; its replay is a new trace, linked to the first', async () => {
  const { traceId } = await post('webhooks/failing', 'evt_2');
  const first = await traceWith(traceId, 'process webhooks', 2);
  for (const span of first.filter(({ name }) => name === 'process webhooks')) {
    expect(span).toMatchObject({
      status: { code: 'ERROR' },
      events: [{ name: 'exception', attributes: { 'exception.type': 'RangeError' } }],
    });
  }
  const [, dead = ''] = await app.waitForLine(/^event (.*"dead".*)$/);
  expect(JSON.parse(dead)).toEqual({ type: 'dead', queue: 'webhooks', eventId: 'evt_2', errorType: 'RangeError', attempts: 2, traceId });
  expect(app.stderr).toMatch(new RegExp(`"event":"sietch.queue.dead".*"sietch.queue.trace_id":"${traceId}"`));

  const replay = await post('replay/evt_2');
  expect(replay.traceId).not.toBe(traceId);
  const spans = await traceWith(replay.traceId, 'process webhooks');
  expect(spanTree(spans)).toMatchObject([
    { name: 'send webhooks', kind: 'PRODUCER', children: [{ name: 'process webhooks', status: 'UNSET', children: [expect.anything()] }] },
  ]);
  const sent = first.find(({ name }) => name === 'send webhooks');
  expect(spans.find(({ name }) => name === 'send webhooks')).toMatchObject({
    parentSpanId: '',
    attributes: { 'sietch.queue.replay': true },
  });
  expect(spans.find(({ name }) => name === 'send webhooks')?.links.map(({ spanId }) => spanId)).toContain(sent?.spanId);
});

test('no card number leaves', () => {
  expect(allText(receiver.store)).not.toContain('4111111111111111');
  expect(app.stderr).not.toContain('4111111111111111');
});
