// The example service and its worker as two processes under the preload, with real servers and a stand-in for Paddle.

import { readFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { join } from 'node:path';
import { Client } from 'pg';
import { type App, type AppOptions, runApp } from '../support/app.ts';
import { ROOT } from '../support/checkout.ts';
import { freePort } from '../support/ports.ts';

const EXAMPLE = join(ROOT, 'examples', 'webhook-service');

export interface WebhookApp {
  service: App;
  worker: App;
  url: string;
  metricsUrls: { service: string; worker: string };
  /** Headers of the calls that the Paddle stand-in got. */
  paddleCalls: IncomingHttpHeaders[];
  /** What the Paddle stand-in answers. */
  paddle: { status: number };
  send(webhook: { id: string; type?: string; customerId?: string }, headers?: Readonly<Record<string, string>>): Promise<Response>;
  stop(): Promise<void>;
}

export interface WebhookAppOptions extends Pick<AppOptions, 'preload' | 'node' | 'nodeArgs' | 'receiver' | 'preloadFrom'> {
  databaseUrl: string;
  redisUrl: string;
  format?: 'cjs' | 'esm';
  env?: Readonly<Record<string, string>>;
}

export async function startWebhookApp(options: WebhookAppOptions): Promise<WebhookApp> {
  const { databaseUrl, redisUrl, format = 'cjs', env, ...appOptions } = options;
  await loadSchema(databaseUrl);
  const paddleCalls: IncomingHttpHeaders[] = [];
  const paddle = { status: 200 };
  const paddleServer = createServer((request, response) => {
    paddleCalls.push(request.headers);
    response.writeHead(paddle.status, { 'content-type': 'application/json' }).end('{"status":"active"}');
  });
  const common = { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl, PADDLE_URL: await listen(paddleServer), PORT: '0', ...env };
  const ports = { service: await freePort(), worker: await freePort() };
  const start = (name: 'service' | 'worker') =>
    runApp(join(EXAMPLE, format === 'cjs' ? `${name}.js` : `esm/${name}.mjs`), {
      ...appOptions,
      env: { ...common, OTEL_SERVICE_NAME: `webhook-${name}`, OTEL_EXPORTER_PROMETHEUS_PORT: String(ports[name]) },
    });
  const service = start('service');
  const worker = start('worker');
  const [, port = ''] = await service.waitForLine(/"port":(\d+).*"listening"/);
  await worker.waitForLine(/"working"/);
  const url = `http://127.0.0.1:${port}`;
  return {
    service,
    worker,
    url,
    metricsUrls: { service: `http://127.0.0.1:${ports.service}/metrics`, worker: `http://127.0.0.1:${ports.worker}/metrics` },
    paddleCalls,
    paddle,
    send: (webhook, headers = {}) =>
      fetch(`${url}/webhooks/paddle`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ type: 'payment.completed', customerId: 'ctm_1', ...webhook }),
      }),
    async stop() {
      await Promise.all([service.stop(), worker.stop()]);
      paddleServer.close();
      paddleServer.closeAllConnections();
    },
  };
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the Paddle stand-in has no port');
  return `http://127.0.0.1:${address.port}`;
}

async function loadSchema(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(await readFile(join(EXAMPLE, 'schema.sql'), 'utf8'));
  await client.end();
}
