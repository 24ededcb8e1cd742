// Traces that are kept in one process and arrive whole from all of them.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Receiver, startReceiver } from '../support/otlp.ts';
import { type Redis, startRedis } from '../support/redis.ts';
import { type Hop, type Hops, spanNames, startHops } from './hops.ts';

let receiver: Receiver;
let redis: Redis;
let hops: Hops;

beforeAll(async () => {
  [receiver, redis] = await Promise.all([startReceiver(), startRedis({ own: true })]);
  hops = await startHops({ names: ['web', 'api', 'worker'], redisUrl: redis.url, receiverUrl: receiver.url });
});
afterAll(async () => {
  await hops?.stop();
  await redis?.stop();
  await receiver?.close();
});

async function arrives(plan: Hop): Promise<string> {
  const traceId = await hops.run(plan);
  const names = spanNames(plan);
  const spans = await receiver.store.waitForTrace(traceId, (found) => found.length >= names.length);
  expect(spans.map(({ name }) => name).sort()).toEqual(names);
  return traceId;
}

const reasons = (traceId: string): Record<string, unknown> =>
  Object.fromEntries(
    receiver.store
      .trace(traceId)
      .spans.filter(({ attributes }) => attributes['sietch.keep.reason'] !== undefined)
      .map(({ resource, attributes }) => [resource['service.name'], attributes['sietch.keep.reason']]),
  );

//  web    POST ─ hop 1 ─ POST
//  api                   └ POST ─ hop 2 ─ failure 2     kept here: the answer tells web
test.each(['http', 'fetch'] as const)('over %s: the answer tells the caller', async (by) => {
  const plan: Hop = { id: 1, to: 'web', by: 'http', next: [{ id: 2, to: 'api', by, fails: 'early', next: [] }] };
  expect(reasons(await arrives(plan))).toEqual({ web: 'downstream', api: 'error' });
});

//  web    POST ─ hop 1 ─ send worker
//  worker                └ process worker ─ hop 2 ─ failure 2     kept here: the mark in Redis tells web
test('over a queue: the mark tells the sender', async () => {
  const plan: Hop = { id: 1, to: 'web', by: 'http', next: [{ id: 2, to: 'worker', by: 'queue', fails: 'early', next: [] }] };
  expect(reasons(await arrives(plan))).toEqual({ web: 'downstream', worker: 'error' });
});

//  web    POST ─ hop 1 ─ send worker ─ failure 1        kept when the job is on its way: the mark tells the worker
//  worker                └ process worker ─ hop 2
test('over a queue, the other way: the mark tells who has taken the job', async () => {
  const plan: Hop = { id: 1, to: 'web', by: 'http', fails: 'late', next: [{ id: 2, to: 'worker', by: 'queue', next: [] }] };
  expect(reasons(await arrives(plan))).toEqual({ web: 'error', worker: 'downstream' });
});

//  web    POST ─ hop 1 ─ failure 1 ─ POST               sampled from here on
//  api                                └ POST ─ hop 2
test('downstream of a kept trace all is sampled', async () => {
  const plan: Hop = { id: 1, to: 'web', by: 'http', fails: 'early', next: [{ id: 2, to: 'api', by: 'http', next: [] }] };
  expect(reasons(await arrives(plan))).toEqual({ web: 'error' });
});

//  web    POST ─ hop 1 ─ POST
//  api                   └ POST ─ hop 2 ─ send worker
//  worker                                 └ process worker ─ hop 3 ─ failure 3
test('through three services', async () => {
  const last: Hop = { id: 3, to: 'worker', by: 'queue', fails: 'late', next: [] };
  const plan: Hop = { id: 1, to: 'web', by: 'http', next: [{ id: 2, to: 'api', by: 'fetch', next: [last] }] };
  expect(reasons(await arrives(plan))).toEqual({ web: 'downstream', api: 'downstream', worker: 'error' });
});

test('a trace without a reason does not arrive', async () => {
  const traceId = await hops.run({ id: 1, to: 'web', by: 'http', next: [{ id: 2, to: 'worker', by: 'queue', next: [] }] });
  await arrives({ id: 1, to: 'web', by: 'http', fails: 'early', next: [] });
  expect(receiver.store.trace(traceId).spans).toEqual([]);
});
