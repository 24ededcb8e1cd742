// A healthy Redis is not taken for one that is away: neither by the first webhook of a process, nor while the event loop of the app is blocked.
import { connect, createServer } from 'node:net';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { routeEvents } from '../../src/index.ts';
import { withDeadline } from '../../src/node/deadline.ts';
import { type QueueEvent, WebhookQueue, type WebhookQueueOptions } from '../../src/webhooks/library.ts';
import { freePort } from '../support/ports.ts';
import { type Redis, startRedis } from '../support/redis.ts';
import { freshDatabase } from '../support/servers.ts';
import { SlowLink } from './slow-link.ts';

let redis: Redis;
const queues: WebhookQueue[] = [];

beforeAll(async () => {
  routeEvents('off');
  redis = await startRedis({ own: true, persistent: true });
  return () => redis.stop();
});
afterEach(async () => {
  await Promise.all(queues.splice(0).map((queue) => queue.close({ timeoutMs: 2000 })));
});

let count = 0;
/** With the time limits of production. */
function create(options: Partial<WebhookQueueOptions> = {}): { queue: WebhookQueue; events: QueueEvent[] } {
  const events: QueueEvent[] = [];
  const queue = new WebhookQueue({ name: `blocked-${count++}`, connection: redis.url, onEvent: (event) => events.push(event), ...options });
  queues.push(queue);
  return { queue, events };
}

const event = (id: string) => ({ id, type: 'paid', payload: {} });

function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

test('an answer that came while the loop was blocked came in time', async () => {
  let release = () => {};
  const answer = new Promise<void>((resolve) => (release = resolve));
  const answered = withDeadline(answer, 20);
  // What is read from a socket comes in the turn after the timers.
  const server = createServer((socket) => socket.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  connect(typeof address === 'object' && address !== null ? address.port : 0, '127.0.0.1', () => release());
  block(200);
  await answered;
  server.close();
});

test('a deadline ends also where the loop is blocked again and again', async () => {
  const endless = setInterval(() => block(30), 1);
  await expect(withDeadline(new Promise(() => {}), 20)).rejects.toThrow('No answer within 20 ms');
  clearInterval(endless);
});

describe('the first webhook of a process is taken', () => {
  test('while modules are loaded', async () => {
    const { queue, events } = create();
    const first = queue.enqueue(event('1'));
    block(1000);
    expect(await first).toMatchObject({ mode: 'queued', store: 'redis' });
    expect(events).toEqual([]);
  });

  test('when the loop is busy in between, too', async () => {
    const { queue } = create();
    const busy = setInterval(() => block(150), 1);
    const results = await Promise.all(['1', '2', '3'].map((id) => queue.enqueue(event(id)))).finally(() => clearInterval(busy));
    expect(results).toMatchObject(Array.from({ length: 3 }, () => ({ mode: 'queued', store: 'redis' })));
  });

  test('when connecting takes longer than an answer may', async () => {
    const link = await SlowLink.to(redis.port);
    link.delayMs = 120;
    const { queue } = create({ connection: { host: '127.0.0.1', port: link.port, password: '' }, enqueueTimeoutMs: 300 });
    const first = queue.enqueue(event('1'));
    expect(await first.finally(() => link.close())).toMatchObject({ mode: 'queued', store: 'redis' });
  });

  test('not where nobody listens: that is known at once', async () => {
    const { queue } = create({ connection: `redis://127.0.0.1:${await freePort()}`, connectTimeoutMs: 60_000 });
    await expect(queue.enqueue(event('1'))).rejects.toMatchObject({ code: 'WEBHOOK_UNAVAILABLE' });
  });
});

test('webhooks on their way are not doubtful because the loop was blocked', async () => {
  const { queue, events } = create();
  await queue.ready();

  const sent = ['1', '2', '3'].map((id) => queue.enqueue(event(id)));
  block(1000);
  expect(await Promise.all(sent)).toMatchObject(Array.from({ length: 3 }, () => ({ mode: 'queued', store: 'redis' })));
  expect(events).toEqual([]);
});

test('nor is the spill given up', async () => {
  const { queue } = create({ connection: `redis://127.0.0.1:${await freePort()}`, spill: { connection: await freshDatabase() } });
  const sent = ['1', '2'].map((id) => queue.enqueue(event(id)));
  setImmediate(() => block(4000));
  expect(await Promise.all(sent)).toMatchObject(Array.from({ length: 2 }, () => ({ mode: 'queued', store: 'postgres' })));
});

describe('ready', () => {
  test('resolves when all stores answer', async () => {
    const { queue } = create({ spill: { connection: await freshDatabase() } });

    await queue.ready();
    expect((await queue.getMetrics()).depth).toMatchObject({ redis: { waiting: 0 }, postgres: { waiting: 0 } });
  });

  test('rejects with what does not answer', async () => {
    const { queue } = create({ connection: `redis://127.0.0.1:${await freePort()}` });
    await expect(queue.ready({ timeoutMs: 50 })).rejects.toMatchObject({
      code: 'WEBHOOK_UNAVAILABLE',
      message: 'No answer of redis within 50 ms',
    });
  });
});

test('close() waits for webhooks on their way: all are known to be stored', async () => {
  const { queue } = create();
  await queue.ready();

  const sent = Array.from({ length: 500 }, (_, index) => queue.enqueue(event(`${index}`)));
  const [answers] = await Promise.all([Promise.all(sent), queue.close()]);
  expect(new Set(answers.map(({ mode }) => mode))).toEqual(new Set(['queued']));
});
