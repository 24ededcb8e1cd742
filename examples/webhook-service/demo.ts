// npm run demo: the whole way of 20 webhooks, with real PostgreSQL and Redis, seen through what arrives over OTLP. Ends by itself.

import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { Client } from 'pg';
import { type Receiver, startReceiver } from '../../test/support/otlp.ts';
import { freePort } from '../../test/support/ports.ts';
import { startPostgres } from '../../test/support/postgres.ts';
import { startRedis } from '../../test/support/redis.ts';
import { changes, scrape } from './demo/metrics.ts';
import { type PaddleStandIn, startPaddle } from './demo/paddle.ts';
import { Preloaded } from './demo/preloaded.ts';
import { heading, print, printLogLines, printNext, printServerLog, printShare, printTrace } from './demo/report.ts';
import { tracePage } from './demo/trace-page.ts';
import { type DemoWebhook, demoWaves, send } from './demo/webhooks.ts';

const COLLECTOR = 'http://127.0.0.1:4318';
const TRACE_TIMEOUT_MS = 20_000;
/** Of a job that fails each time. */
const ATTEMPTS = 4;
const cleanups: (() => Promise<void> | void)[] = [];
const onProgress = (line: string) => print(`  … ${line}`);

async function main(): Promise<void> {
  print('@sietch/otel demo: webhook → HTTP → BullMQ → worker → PostgreSQL, Redis, Paddle behind a circuit breaker');
  const postgres = await startPostgres({ own: true, onProgress });
  cleanups.push(() => postgres.stop());
  const redis = await startRedis({ own: true, onProgress });
  cleanups.push(() => redis.stop());
  const databaseUrl = await postgres.createDatabase('shop');
  await loadSchema(databaseUrl);
  const paddle = await startPaddle();
  cleanups.push(() => paddle.close());
  const collector = process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] || ((await answers(4318)) ? COLLECTOR : undefined);
  const receiver = collector === undefined ? await startReceiver() : undefined;
  if (receiver) cleanups.push(() => receiver.close());
  console.log(`  ${postgres.name}, ${redis.name}, traces to ${collector ?? 'this terminal'}`);

  const env = {
    DATABASE_URL: databaseUrl,
    REDIS_URL: redis.url,
    PADDLE_URL: paddle.url,
    PORT: String(await freePort(3001)),
    OTEL_EXPORTER_OTLP_ENDPOINT: collector ?? receiver?.url ?? COLLECTOR,
    OTEL_BSP_SCHEDULE_DELAY: '200',
  };
  const servicePort = await freePort(9464);
  const workerPort = await freePort(9465);
  const shop = await startShop(env, [servicePort, workerPort]);
  const { service, worker } = shop;
  const metricsUrls = [`http://127.0.0.1:${servicePort}/metrics`, `http://127.0.0.1:${workerPort}/metrics`];
  const before = await Promise.all(metricsUrls.map(scrape));

  heading('sending');
  const sent = await sendAll(shop, paddle);
  const shown = sent.find((webhook) => webhook.what === 'slow query');
  if (shown === undefined) throw new Error('the demo has no webhook with a slow query');
  heading(`one webhook: x-trace-id ${shown.traceId}`);
  await showTrace(shown, 1, receiver);
  heading(`its log lines: grep ${shown.traceId}`);
  printLogLines([...service.lines, ...worker.lines], shown.traceId);
  heading("its slow query in PostgreSQL's own log: the same id in the comment, qid joins pg_stat_statements");
  printServerLog(postgres.log(), shown.traceId);
  heading('metrics that the webhooks changed');
  const after = await Promise.all(metricsUrls.map(scrape));
  after.forEach((series, index) => {
    print(`  ${index === 0 ? 'service' : 'worker'} ${metricsUrls[index]}`);
    for (const line of changes(before[index] ?? new Map(), series)) print(`    ${line}`);
  });
  await Promise.all([service.stop(), worker.stop()]);

  const isOn = 'OTEL_TRACES_SAMPLER=parentbased_traceidratio OTEL_TRACES_SAMPLER_ARG=0.01 SIETCH_OTEL_RECORDER=on';
  heading('the same 20 webhooks at 1 % head sampling, with the flight recorder');
  console.log(`  ${isOn}`);
  const sampled = await startShop({ ...env, ...Object.fromEntries(isOn.split(' ').map((each) => each.split('='))) }, [0, 0]);
  const again = await sendAll(sampled, paddle);
  const failed = again.find((webhook) => webhook.what === 'failing');
  if (failed === undefined) throw new Error('the demo has no webhook that fails');
  heading(`the failing one, whole: x-trace-id ${failed.traceId}`);
  await showTrace(failed, ATTEMPTS, receiver);
  if (receiver !== undefined) {
    // The service hears of what the worker has kept within a second.
    await receiver.store.waitFor(() => arePaired(receiver, again), { timeoutMs: TRACE_TIMEOUT_MS }).catch(() => {});
    printShare(receiver, again);
  }
  printNext();
}

interface Shop {
  readonly service: Preloaded;
  readonly worker: Preloaded;
  readonly url: string;
}

/** @param metricsPorts of the service and the worker */
async function startShop(env: Readonly<Record<string, string>>, metricsPorts: readonly [number, number]): Promise<Shop> {
  const [service, worker] = (['service', 'worker'] as const).map((name, index) =>
    startProcess(`${name}.js`, {
      ...env,
      OTEL_SERVICE_NAME: `webhook-${name}`,
      OTEL_EXPORTER_PROMETHEUS_PORT: String(metricsPorts[index]),
    }),
  );
  if (service === undefined || worker === undefined) throw new Error('a shop is two processes');
  const listening: { port: number } = JSON.parse(await service.line((line) => line.includes('"listening"')));
  await worker.line((line) => line.includes('"working"'));
  return { service, worker, url: `http://127.0.0.1:${listening.port}` };
}

/** Sends 20 webhooks, and resolves when all of them are done. */
async function sendAll({ worker, url }: Shop, paddle: PaddleStandIn): Promise<DemoWebhook[]> {
  const sent: DemoWebhook[] = [];
  for (const wave of demoWaves()) {
    paddle.mood = wave.paddle;
    console.log(`  ${wave.title}`);
    for (const webhook of wave.webhooks) await send(url, webhook);
    for (const webhook of wave.webhooks) await settled(worker, webhook);
    sent.push(...wave.webhooks);
  }
  return sent;
}

/** A webhook is done when the worker logged its end: processed, or failed for the fourth and last time. */
async function settled(worker: Preloaded, webhook: DemoWebhook): Promise<void> {
  await worker.line(
    (line) => line.includes(webhook.id) && (line.includes('"webhook processed"') || line.includes(`"attempt":${ATTEMPTS}`)),
    TRACE_TIMEOUT_MS,
  );
}

/** Whether each trace that has arrived from the worker has arrived from the service too. */
function arePaired({ store }: Receiver, webhooks: readonly DemoWebhook[]): true | undefined {
  const traces = webhooks.map(({ traceId }) => store.trace(traceId).spans).filter((spans) => spans.length > 0);
  return traces.every((spans) => spans.some(({ parentSpanId }) => parentSpanId === '')) ? true : undefined;
}

/** @param attempts of its job */
async function showTrace(webhook: DemoWebhook, attempts: number, receiver: Receiver | undefined): Promise<void> {
  if (receiver === undefined) {
    print(`  ${await tracePage(process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] || COLLECTOR, webhook.traceId)}`);
    return;
  }
  const hasEnded = (name: string) => (span: { name: string }) => span.name.startsWith(name);
  const spans = await receiver.store.waitForTrace(
    webhook.traceId,
    (found) => found.some(hasEnded('POST')) && found.filter(hasEnded('process')).length === attempts,
    { timeoutMs: TRACE_TIMEOUT_MS },
  );
  printTrace(spans);
}

function startProcess(file: string, env: Readonly<Record<string, string>>): Preloaded {
  const started = new Preloaded(file, { env });
  cleanups.push(() => started.stop());
  return started;
}

async function loadSchema(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(await readFile(new URL('schema.sql', import.meta.url), 'utf8'));
  await client.end();
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: 300 });
    const end = (result: boolean) => {
      socket.destroy();
      resolve(result);
    };
    socket
      .once('connect', () => end(true))
      .once('error', () => end(false))
      .once('timeout', () => end(false));
  });
}

async function cleanUp(): Promise<void> {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void cleanUp().then(() => process.exit(130)));

main()
  .catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  })
  .finally(() => void cleanUp());
