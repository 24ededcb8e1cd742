import { createRequire } from 'node:module';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type App, runApp } from '../../support/app.ts';
import { answering, eventually } from '../../support/eventually.ts';
import { type Receiver, spanTree, startReceiver } from '../../support/otlp.ts';
import { freePort } from '../../support/ports.ts';
import { freshRedis } from '../../support/servers.ts';
import { seriesValue } from './circuit-app.ts';

interface StandIn {
  readonly url: string;
  readonly requests: { url: string; traceparent: string | undefined }[];
  setMood(mood: 'well' | 'failing' | 'hanging'): void;
  close(): Promise<void>;
}

const {
  startStandIn,
  signWebhook,
}: {
  startStandIn(): Promise<StandIn>;
  signWebhook(event: object, secret: string, at?: number): { body: string; signature: string };
} = createRequire(import.meta.url)('../../../examples/paddle/stand-in.js');

const SECRET = 'pdl_ntfset_secret';
const API_KEY = 'pdl_live_apikey';

let standIn: StandIn;
let receiver: Receiver;
let service: App;
let url: string;
let metricsUrl: string;

beforeEach(async () => {
  [standIn, receiver] = await Promise.all([startStandIn(), startReceiver()]);
  const metricsPort = await freePort();
  service = runApp('examples/paddle/service.js', {
    receiver,
    env: {
      PADDLE_API_KEY: API_KEY,
      PADDLE_API_URL: standIn.url,
      PADDLE_WEBHOOK_SECRET: SECRET,
      PADDLE_RESET_MS: '3000',
      // The first connection of a busy machine takes its time.
      ENQUEUE_MS: '10000',
      REDIS_URL: await freshRedis(),
      PORT: '0',
      OTEL_SERVICE_NAME: 'paddle-service',
      OTEL_EXPORTER_PROMETHEUS_PORT: String(metricsPort),
    },
  });
  const [, port] = await service.waitForLine(/"port":(\d+),"msg":"listening"/);
  url = `http://127.0.0.1:${port}`;
  metricsUrl = `http://127.0.0.1:${metricsPort}/metrics`;
});
afterEach(async () => {
  await service.stop();
  await Promise.all([standIn.close(), receiver.close()]);
});

const metric = async (name: string) => seriesValue(await (await answering(metricsUrl)).text(), name);
const customerStatus = async () => ((await (await fetch(`${url}/customers/ctm_1`)).json()) as { status: string }).status;

async function post(body: string, signature: string | undefined): Promise<Response> {
  const headers = { 'content-type': 'application/json', ...(signature === undefined ? {} : { 'paddle-signature': signature }) };
  return await fetch(`${url}/webhooks/paddle`, { method: 'POST', headers, body });
}

const transaction = {
  event_id: 'evt_1',
  event_type: 'transaction.completed',
  occurred_at: new Date().toISOString(),
  data: { id: 'txn_1', customer_id: 'ctm_1', items: [], details: null, payments: [], checkout: null },
};

test('a webhook with a good signature is one trace, to the call of the API', async () => {
  const { body, signature } = signWebhook(transaction, SECRET);
  const response = await post(body, signature);
  expect([response.status, await response.json()]).toEqual([200, { accepted: true, mode: 'queued' }]);
  await service.waitForLine(/"status":"active","msg":"webhook processed"/);
  const traceId = await eventually('the call of the API', () => standIn.requests.at(-1)?.traceparent?.split('-')[1]);

  // POST /webhooks/paddle               SERVER
  //   send paddle-webhooks              PRODUCER
  //     process paddle-webhooks         CONSUMER    circuit paddle, closed, success
  //       GET                           CLIENT      to the stand-in
  const spans = await receiver.store.waitForTrace(traceId, (received) => received.some(({ name }) => name === 'process paddle-webhooks'));
  const tree = spanTree(spans.filter(({ kind }) => kind !== 'INTERNAL'));
  expect(tree).toHaveLength(1);
  const flat = JSON.stringify(tree);
  for (const name of ['POST /webhooks/paddle', 'send paddle-webhooks', 'process paddle-webhooks', 'GET'])
    expect(flat).toContain(`"name":"${name}"`);
  const process = spans.find(({ name }) => name === 'process paddle-webhooks');
  expect(process?.attributes).toMatchObject({
    'sietch.circuit_breaker.name': 'paddle',
    'sietch.circuit_breaker.state': 'closed',
    'sietch.circuit_breaker.outcome': 'success',
  });
});

test('a wrong, missing, malformed or old signature gets 401, is counted, and nothing is queued', async () => {
  const { body, signature } = signWebhook(transaction, SECRET);
  const old = signWebhook(transaction, SECRET, Date.now() - 60_000);
  const bad = [signWebhook(transaction, 'another secret').signature, undefined, 'nonsense', old.signature];
  for (const signed of bad) expect((await post(body, signed)).status).toBe(401);
  expect((await post(`${body} `, signature)).status).toBe(401);
  expect(await metric('paddle_webhooks_refused_total')).toBe(5);
  const good = signWebhook(transaction, SECRET);
  // Not `duplicate`: none of the others was queued.
  expect(await (await post(good.body, good.signature)).json()).toMatchObject({ mode: 'queued' });
});

test('while Paddle fails the fallback answers and the gauge says 1; a missing customer is no failure; no key is told', async () => {
  expect(await customerStatus()).toBe('active');
  expect(await metric('sietch_paddle_circuit_state')).toBe(0);
  for (let call = 0; call < 5; call++) expect((await fetch(`${url}/customers/ctm_missing`)).status).toBe(404);
  expect(await metric('sietch_paddle_circuit_state')).toBe(0);

  standIn.setMood('failing');
  await eventually('it opens', async () => (await customerStatus()) === 'unknown' && (await metric('sietch_paddle_circuit_state')) === 1);
  expect(await customerStatus()).toBe('unknown');
  standIn.setMood('well');
  await eventually('half-open', async () => (await metric('sietch_paddle_circuit_state')) === 0.5);
  expect(await customerStatus()).toBe('active');
  expect(await metric('sietch_paddle_circuit_state')).toBe(0);
  await service.waitForLine(/"failures":\[\{"outcome":"failure","error":"Error","code":"internal_error"/);
  await eventually('the spans', () =>
    receiver.store.spans.some((span) => span.attributes['sietch.circuit_breaker.outcome'] === 'rejected'),
  );
  for (const secret of [API_KEY, SECRET, 'ada@example.com']) {
    expect(service.stdout + service.stderr).not.toContain(secret);
    expect(JSON.stringify(receiver.store.spans, (_key, value) => (typeof value === 'bigint' ? String(value) : value))).not.toContain(
      secret,
    );
  }
});
