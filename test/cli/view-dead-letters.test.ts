// `sietch-otel view --redis`: dead letters of a WebhookQueue are listed and replayed by the page.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { routeEvents } from '../../src/index.ts';
import { TOKEN_HEADER } from '../../src/view/api.js';
import { WebhookQueue } from '../../src/webhooks/library.ts';
import { type App, runApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/ports.ts';
import { freshRedis } from '../support/servers.ts';

let queue: WebhookQueue;
let app: App;
let url: string;
const done: string[] = [];
let isMended = false;

beforeAll(async () => {
  routeEvents('off');
  const redis = await freshRedis();
  queue = new WebhookQueue({
    name: 'webhooks',
    connection: redis,
    enqueueTimeoutMs: 10_000,
    retries: 1,
    backoff: { delayMs: 1 },
    processor: ({ id }) => {
      if (!isMended) throw new RangeError(`no luck with ${id}`);
      done.push(id);
    },
  });
  queue.startWorker();
  await queue.enqueue({ id: 'evt/1', type: 'paid', payload: { secret: 'of the customer' } });
  await eventually('it is dead', async () => (await queue.deadLetters.count()) === 1);
  app = runApp('dist/cli/main.js', { args: ['view', '--port', '0', '--quiet', '--redis', redis], preload: 'none' });
  [, url = ''] = await app.waitForLine(/^Receiving OTLP on (\S+),/);
});
afterAll(async () => {
  await Promise.all([app?.stop(), queue?.close()]);
});

test('they are listed without payloads', async () => {
  const answer = await fetch(`${url}/api/queues/webhooks/dead-letters`);
  const body = await answer.text();
  expect(JSON.parse(body)).toMatchObject({
    deadLetters: [{ id: 'evt/1', type: 'paid', store: 'redis', reason: expect.stringContaining('no luck'), replays: 0 }],
  });
  expect(body).not.toContain('customer');
  expect((await fetch(`${url}/api/queues/nobody/dead-letters`)).status).toBe(404);
});

test('one is replayed with the token of the page, without it none', async () => {
  isMended = true;
  const replay = `${url}/api/queues/webhooks/dead-letters/evt%2F1/replay`;
  const headers = { 'content-type': 'application/json' };
  expect((await fetch(replay, { method: 'POST', headers })).status).toBe(403);
  expect(await queue.deadLetters.count()).toBe(1);
  const token = /<meta name="sietch-view-token" content="([^"]+)"/.exec(await (await fetch(url)).text())?.[1];
  expect((await fetch(replay, { method: 'POST', headers: { ...headers, [TOKEN_HEADER]: token ?? '' } })).status).toBe(200);
  await eventually('it is done', () => done.includes('evt/1'));
});

test('a Redis that does not answer is said in words', async () => {
  const down = runApp('dist/cli/main.js', {
    args: ['view', '--port', '0', '--quiet', '--redis', `redis://127.0.0.1:${await freePort()}`],
    preload: 'none',
  });
  const [, address = ''] = await down.waitForLine(/^Receiving OTLP on (\S+),/);
  const answer = await fetch(`${address}/api/queues/webhooks/dead-letters`);
  expect({ status: answer.status, body: await answer.json() }).toEqual({ status: 502, body: { message: 'Redis does not answer' } });
  await down.stop();
});
