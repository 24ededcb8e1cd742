// Runs test/app/canary, or the example service with marked values, and returns all that left the processes.

import { Redis } from 'ioredis';
import { Client } from 'pg';
import { ask } from '../../src/now/ask.js';
import { findProcesses } from '../../src/now/processes.js';
import { type App, runApp } from '../support/app.ts';
import { answering, eventually } from '../support/eventually.ts';
import { freePort } from '../support/ports.ts';
import { onDatabase } from '../support/postgres.ts';
import { freshDatabase, freshRedis } from '../support/servers.ts';
import { startWebhookApp } from '../webhook/webhook-app.ts';
import { findLeaks, ownLines } from './leaks.ts';
import { type OtlpSink, startOtlpSink } from './otlp-sink.ts';

export interface Left {
  otlp: string;
  metrics: string;
  /** Our lines on stderr. */
  stderr: string;
  /** With the app's own lines, and the console exporters'. */
  stdout: string;
  /** What it answers those who ask what it does at this moment. */
  now?: string;
}

export interface Found {
  now: string[];
  otlp: string[];
  metrics: string[];
  stderr: string[];
}

export const NOTHING: Found = { now: [], otlp: [], metrics: [], stderr: [] };

export function searchAll(left: Left): Found {
  return { now: findLeaks(left.now ?? ''), otlp: findLeaks(left.otlp), metrics: findLeaks(left.metrics), stderr: findLeaks(left.stderr) };
}

/** Everything that shows more is on. Every statement is slow, so there are records of all. */
export const EVERYTHING_ON = {
  OTEL_LOG_LEVEL: 'all',
  OTEL_LOGS_EXPORTER: 'otlp',
  OTEL_METRICS_EXPORTER: 'prometheus,otlp',
  OTEL_NODE_RESOURCE_DETECTORS: 'all',
  SIETCH_OTEL_CIRCUIT_SPANS: 'on',
  SIETCH_OTEL_HTTP_MIDDLEWARE_SPANS: 'on',
  SIETCH_OTEL_PG_BLOCKERS: 'on',
  SIETCH_OTEL_PG_CONNECT_SPANS: 'on',
  SIETCH_OTEL_PG_EXPLAIN: 'on',
  SIETCH_OTEL_PG_SLOW_QUERY_MS: '1',
  SIETCH_OTEL_QUEUE_METRICS_INTERVAL_MS: '200',
  SIETCH_OTEL_REDIS_COMMAND_LOG: 'on',
  SIETCH_OTEL_REDIS_COMMAND_LOG_SKIP: 'nothing',
  SIETCH_OTEL_REDIS_KEY_TRACE: '*',
  SIETCH_OTEL_DB_ROOT_SPANS: 'all',
  SIETCH_OTEL_REDIS_SLOW_MS: '1',
  SIETCH_OTEL_STILL_RUNNING_MS: '20',
};

/** Settings that hold secrets themselves. */
const secretSettings = (sink: OtlpSink) => ({
  OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer kanarie-collector',
  SIETCH_OTEL_CIRCUIT_WEBHOOK_URL: `${sink.url}/alert?token=kanarie-alert`,
});

/** Runs the program to its end, an uncaught error. Both servers are asked with a password that is marked. */
export async function runCanary(env: Readonly<Record<string, string>>): Promise<Left> {
  const sink = await startOtlpSink();
  const port = await freePort();
  const database = await markedDatabase();
  const app = runApp('test/app/canary/main.cjs', {
    receiver: sink,
    args: ['--password', 'kanarie-argument'],
    env: {
      DATABASE_URL: database.url,
      REDIS_URL: await markedRedis(),
      OTEL_SERVICE_NAME: 'shop',
      OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
      OTEL_EXPORTER_ZIPKIN_ENDPOINT: `${sink.url}/api/v2/spans`,
      ...secretSettings(sink),
      ...env,
    },
  });
  try {
    const done = app.waitForMessage(isDone, 60_000);
    const now = await askUntil(done, app.pid);
    await done;
    await eventually('the alert of the breakers', () => sink.text().includes('"reason":"failure_rate"'));
    const metrics = /console/.test(env['OTEL_METRICS_EXPORTER'] ?? '') ? '' : await scrape(`http://127.0.0.1:${port}/metrics`);
    app.send({ end: true });
    const exit = await app.waitForExit();
    // By the error it threw itself, which node prints as always.
    if (exit.code !== 1 || !exit.stderr.includes('kanarie-uncaught')) throw new Error(`It ended otherwise: ${exit.code} ${exit.stderr}`);
    return { otlp: sink.text(), metrics, stderr: ownLines(exit.stderr), stdout: exit.stdout, now };
  } finally {
    await app.stop();
    sink.close();
    await database.remove();
  }
}

/** All answers of the process to `sietch-otel now` while it works, and a profile of that time. */
async function askUntil(done: Promise<unknown>, pid: number): Promise<string> {
  let isOver = false;
  const over = () => {
    isOver = true;
  };
  done.then(over, over);
  const { path } = await eventually('the socket of the process', () => findProcesses(false).processes.find((each) => each.pid === pid));
  const parts: string[] = [];
  const askStates = async () => {
    while (!isOver) parts.push(JSON.stringify(await ask(path, { ask: 'state', most: 1_000 })));
  };
  const [profile] = await Promise.all([ask(path, { ask: 'profile', seconds: 2 }, { onPart: (part) => parts.push(part) }), askStates()]);
  parts.push(JSON.stringify(profile));
  return parts.join('');
}

/** A user of PostgreSQL who is asked for nothing on this machine: the password stands in the URL all the same. */
async function markedDatabase(): Promise<{ url: string; remove(): Promise<void> }> {
  const url = await freshDatabase();
  const user = `canary_${new URL(url).pathname.slice(1)}`;
  await onDatabase(url, `CREATE ROLE ${user} LOGIN SUPERUSER PASSWORD 'kanarie-database-password'`);
  const marked = Object.assign(new URL(url), { username: user, password: 'kanarie-database-password' });
  return {
    url: marked.href,
    remove: () => onDatabase(url, `REASSIGN OWNED BY ${user} TO CURRENT_USER; DROP OWNED BY ${user}; DROP ROLE ${user}`),
  };
}

async function markedRedis(): Promise<string> {
  const url = await freshRedis();
  const redis = new Redis(url);
  await redis.call('ACL', 'SETUSER', 'canary', 'reset', 'on', '>kanarie-redis-url-password', '~*', '&*', '+@all');
  await redis.quit();
  return Object.assign(new URL(url), { username: 'canary', password: 'kanarie-redis-url-password' }).href;
}

function isDone(message: unknown): true | undefined {
  return typeof message === 'object' && message !== null && 'done' in message ? true : undefined;
}

/** In both formats: exemplars are in one of them only. */
async function scrape(url: string): Promise<string> {
  const texts = ['text/plain', 'application/openmetrics-text'].map(async (accept) =>
    (await answering(url, { headers: { accept } })).text(),
  );
  return (await Promise.all(texts)).join('\n');
}

/** Sends webhooks with marked values through the example service, one of which fails for good and some of which find Paddle down. */
export async function runExampleService(env: Readonly<Record<string, string>>): Promise<Left> {
  const sink = await startOtlpSink();
  const databaseUrl = await freshDatabase();
  const app = await startWebhookApp({
    receiver: sink,
    databaseUrl,
    redisUrl: await freshRedis(),
    env: { ...secretSettings(sink), ...env },
  });
  try {
    await addCustomer(databaseUrl);
    app.paddle.status = 503;
    for (let i = 0; i < 5; i++) await sendMarked(app.url, `evt_${i}`, 'ctm_marked');
    await sendMarked(app.url, 'evt_missing', 'ctm_missing');
    await eventually('the last attempt of the webhook that fails', () => isSaid(app.worker, /"attempt":4.*"webhook failed"/));
    await eventually('all others processed', () => app.worker.stdout.split('"webhook processed"').length > 5);
    const metrics = (await Promise.all(Object.values(app.metricsUrls).map(scrape))).join('\n');
    await app.stop();
    return {
      otlp: sink.text(),
      metrics,
      stderr: `${ownLines(app.service.stderr)}\n${ownLines(app.worker.stderr)}`,
      stdout: app.service.stdout,
    };
  } finally {
    await app.stop();
    sink.close();
  }
}

const isSaid = (app: App, line: RegExp): boolean => line.test(app.stdout);

async function addCustomer(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query("INSERT INTO customers (id, name, plan) VALUES ('ctm_marked', 'kanarie-customer@example.org', 'kanarie-plan')");
  await client.end();
}

async function sendMarked(url: string, id: string, customerId: string): Promise<void> {
  const response = await fetch(`${url}/webhooks/paddle?signature=kanarie-signature&email=kanarie-query@example.org`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: 'Bearer kanarie-authorization',
      cookie: 'session=kanarie-cookie',
      'x-api-key': 'kanarie-key',
      'paddle-signature': 'ts=1;h1=kanarie-header',
    },
    body: JSON.stringify({ id, type: 'payment.completed', customerId, card: '4111111111111111', email: 'kanarie-body@example.org' }),
  });
  if (response.status !== 200) throw new Error(`The example service answered ${response.status}`);
}
