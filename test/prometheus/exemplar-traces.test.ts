// Every duration of the example service leads to a trace: HTTP, SQL, Redis, queue and breaker alike.
import { afterAll, beforeAll, test } from 'vitest';
import { answering, eventually } from '../support/eventually.ts';
import { type Receiver, startReceiver } from '../support/otlp.ts';
import { freshDatabase, freshRedis } from '../support/servers.ts';
import { startWebhookApp, type WebhookApp } from '../webhook/webhook-app.ts';
import { ACCEPT_OPENMETRICS, scrape } from './scraping.ts';

let receiver: Receiver;
let app: WebhookApp;
beforeAll(async () => {
  receiver = await startReceiver();
  app = await startWebhookApp({ databaseUrl: await freshDatabase(), redisUrl: await freshRedis(), receiver });
});
afterAll(async () => {
  await app?.stop();
  await receiver?.close();
});

/** Trace ids of exemplars of both processes, by family; those of the database by system. */
async function exemplars(): Promise<Map<string, Set<string>>> {
  const found = new Map<string, Set<string>>();
  for (const url of Object.values(app.metricsUrls)) {
    await answering(url);
    const { text } = await scrape(url, { headers: { accept: ACCEPT_OPENMETRICS } });
    for (const [, family = '', labels = '', traceId = ''] of text.matchAll(/^(\w+)_bucket\{(.*?)\} \d+ # \{trace_id="(\w+)"/gm)) {
      const [, system] = /db_system_name="(\w+)"/.exec(labels) ?? [];
      const key = system === undefined ? family : `${family} ${system}`;
      found.set(key, (found.get(key) ?? new Set()).add(traceId));
    }
  }
  return found;
}

test.each([
  'http_server_request_duration_seconds',
  'http_client_request_duration_seconds',
  'db_client_operation_duration_seconds postgresql',
  'db_client_operation_duration_seconds redis',
  'messaging_client_operation_duration_seconds',
  'messaging_process_duration_seconds',
  'sietch_queue_wait_duration_seconds',
  'sietch_circuit_breaker_call_duration_seconds',
])('%s', async (key) => {
  let sent = 0;
  const ids = await eventually(
    `${key} has exemplars`,
    async () => {
      await app.send({ id: `evt_${key.replaceAll(/\W/g, '_')}_${++sent}` });
      return (await exemplars()).get(key);
    },
    20_000,
  );
  const [id = ''] = ids;
  await eventually('the trace arrived', () => receiver.store.spans.some(({ traceId }) => traceId === id), 20_000);
});
