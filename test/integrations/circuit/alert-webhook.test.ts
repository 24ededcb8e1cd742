import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { runApp } from '../../support/app.ts';
import { eventually } from '../../support/eventually.ts';
import { startReceiver } from '../../support/otlp.ts';
import { startCircuitApp } from './circuit-app.ts';
import { startFlakyServer } from './flaky-server.ts';

const TOKEN = 'T0K3N-of-the-webhook';
const toStop: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of toStop.splice(0).reverse()) await stop();
});

interface Alert {
  request: string;
  headers: IncomingHttpHeaders;
  body: Record<string, unknown>;
}

/** A server that takes alerts, and answers as `answer` does. */
async function startAlertReceiver(answer: (response: ServerResponse) => void): Promise<{ url: string; alerts: Alert[] }> {
  const alerts: Alert[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      alerts.push({ request: `${request.method} ${request.url}`, headers: request.headers, body: JSON.parse(body) });
      answer(response);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  toStop.push(
    () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(resolve);
      }),
  );
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/hook?token=${TOKEN}`, alerts };
}

async function startApp(webhookUrl: string) {
  const [upstream, receiver] = await Promise.all([startFlakyServer(), startReceiver()]);
  const env = { SIETCH_OTEL_CIRCUIT_WEBHOOK_URL: webhookUrl, OTEL_SERVICE_NAME: 'shop' };
  const circuit = await startCircuitApp('test/app/circuit-cycle.cjs', { args: [upstream.url], receiver, env });
  toStop.push(
    () => upstream.close(),
    () => receiver.close(),
    () => circuit.app.stop(),
  );
  return { upstream, receiver, circuit };
}

test('an alert when it opens and one when it closes; they are in no trace and say no message of an error', async () => {
  const { url, alerts } = await startAlertReceiver((response) => response.end());
  const { upstream, receiver, circuit } = await startApp(url);
  upstream.behaviour = 'fail';
  const calls = [await circuit.fire(), await circuit.fire(), await circuit.fire()];
  await eventually('the alert', () => alerts.length === 1);
  const failure = { outcome: 'failure', error: 'Error', durationMs: expect.any(Number), at: expect.any(String) };
  expect(alerts[0]).toMatchObject({
    request: `POST /hook?token=${TOKEN}`,
    headers: { 'content-type': 'application/json' },
    body: {
      text: 'Circuit breaker paddle of shop opened (failure rate)',
      service: 'shop',
      type: 'open',
      name: 'paddle',
      reason: 'failure_rate',
      failureRate: 1,
      failures: calls.map(({ traceId }) => ({ ...failure, traceId })),
      nextProbeAt: expect.any(String),
    },
  });
  expect(alerts[0]?.headers).not.toHaveProperty('traceparent');
  upstream.behaviour = 'well';
  await eventually('a call that goes through', async () => (await circuit.fire()).result === 'well');
  await eventually('the second alert', () => alerts.length === 2);
  expect(alerts[1]?.body).toMatchObject({ text: 'Circuit breaker paddle of shop closed (probe succeeded)', type: 'close' });
  expect(JSON.stringify(alerts)).not.toContain('secret-');

  const last = await circuit.fire();
  await receiver.store.waitForTrace(last.traceId ?? '', (spans) => spans.some(({ name }) => name === 'call'));
  const toWebhook = receiver.store.spans.filter((span) => JSON.stringify(span.attributes).includes('/hook'));
  expect(toWebhook).toEqual([]);
});

test('a receiver that hangs holds up no call, and the alerts that wait are bounded', async () => {
  const { url, alerts } = await startAlertReceiver(() => {});
  const { circuit } = await startApp(url);
  for (let turn = 0; turn < 12; turn++) await circuit.command('flip');
  await circuit.app.waitForLine(/SIETCH073 .*: 10 are being sent already/);
  expect((await circuit.fire()).result).toBe('well');
  expect(alerts.length).toBeLessThanOrEqual(10);
});

test.each([
  { how: 'refuses the connection', url: () => `http://127.0.0.1:1/hook?token=${TOKEN}`, said: 'ECONNREFUSED' },
  {
    how: 'answers 500',
    url: async () => (await startAlertReceiver((response) => response.writeHead(500).end(TOKEN))).url,
    said: 'answered 500',
  },
])('a receiver that $how: one line, without the URL', async ({ url, said }) => {
  const { circuit } = await startApp(await url());
  await circuit.command('flip');
  await circuit.app.waitForLine(new RegExp(`SIETCH073 an alert about a circuit breaker was not delivered: .*${said}`));
  expect(circuit.app.stderr).not.toContain(TOKEN);
});

test('a process that ends right after its alert waits for the answer', async () => {
  const { url, alerts } = await startAlertReceiver((response) => setTimeout(() => response.writeHead(500).end(), 200));
  const { code, stderr } = await runApp('test/app/circuit-opens.cjs', { env: { SIETCH_OTEL_CIRCUIT_WEBHOOK_URL: url } }).waitForExit();
  expect(code).toBe(0);
  expect(alerts[0]?.body).toMatchObject({ type: 'open', reason: 'manual' });
  expect(stderr).toContain('an alert about a circuit breaker was not delivered: the receiver answered 500');
});

test('a URL that is none is said to be wrong, without being shown', async () => {
  const { stderr } = await runApp('test/app/circuit-opens.cjs', { env: { SIETCH_OTEL_CIRCUIT_WEBHOOK_URL: TOKEN } }).waitForExit();
  expect(stderr).toContain('SIETCH_OTEL_CIRCUIT_WEBHOOK_URL: expected an http or https URL');
  expect(stderr).not.toContain(TOKEN);
});
