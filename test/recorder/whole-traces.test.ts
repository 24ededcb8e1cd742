// Random traces through random processes: each arrives whole or not at all.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Receiver, startReceiver } from '../support/otlp.ts';
import { type Redis, startRedis } from '../support/redis.ts';
import { type Hop, type Hops, spanNames, startHops } from './hops.ts';

const NAMES = ['a', 'b', 'c'] as const;
const TRACES = 80;

let receiver: Receiver;
let redis: Redis;
let hops: Hops;

beforeAll(async () => {
  [receiver, redis] = await Promise.all([startReceiver(), startRedis({ own: true })]);
  hops = await startHops({ names: NAMES, redisUrl: redis.url, receiverUrl: receiver.url });
});
afterAll(async () => {
  await hops?.stop();
  await redis?.stop();
  await receiver?.close();
});

/** Without ids. */
interface Shape {
  readonly to: string;
  readonly by: Hop['by'];
  readonly fails: Hop['fails'] | 'not';
  readonly next: readonly Shape[];
}

const { shape } = fc.letrec<{ shape: Shape; leaf: Shape }>((tie) => {
  const own = {
    to: fc.constantFrom(...NAMES),
    by: fc.constantFrom<Hop['by'][]>('http', 'fetch', 'queue', 'queue'),
    fails: fc.constantFrom<Shape['fails'][]>('not', 'not', 'not', 'not', 'not', 'early', 'late'),
  };
  return {
    leaf: fc.record({ ...own, next: fc.constant([]) }),
    shape: fc.record({ ...own, next: fc.array(fc.oneof({ maxDepth: 3 }, tie('leaf'), tie('shape')), { maxLength: 2 }) }),
  };
});

let ids = 0;
const hopOf = ({ fails, next, ...own }: Shape): Hop => ({
  ...own,
  id: ++ids,
  ...(fails === 'not' || fails === undefined ? {} : { fails }),
  next: next.map(hopOf),
});

const hasReason = ({ fails, next }: Hop): boolean => fails !== undefined || next.some(hasReason);

/** A process hears of kept traces from the first job on that it adds or takes in a recorded trace. */
async function letAllListen(): Promise<void> {
  for (const name of NAMES) {
    const plan: Hop = {
      id: ++ids,
      to: name,
      by: 'http',
      next: NAMES.map((to) => ({ id: ++ids, to, by: 'queue', fails: 'late', next: [] })),
    };
    await arrived(await hops.run(plan), plan);
  }
}

async function arrived(traceId: string, plan: Hop, hint = ''): Promise<void> {
  const names = spanNames(plan);
  // What is missing is said below.
  await receiver.store.waitForTrace(traceId, (spans) => spans.length >= names.length).catch(() => {});
  const found = receiver.store.trace(traceId).spans.map(({ name }) => name);
  expect(found.sort(), `${hint} ${JSON.stringify(plan)}`).toEqual(names);
}

test('each trace is whole or not there', async () => {
  const seed = Date.now();
  await letAllListen();
  const plans = fc.sample(shape, { numRuns: TRACES, seed }).map((each) => hopOf({ ...each, by: 'http' }));
  const traces: (readonly [string, Hop])[] = [];
  for (const plan of plans) traces.push([await hops.run(plan), plan]);
  for (const [traceId, plan] of traces) if (hasReason(plan)) await arrived(traceId, plan, `seed ${seed}`);
  for (const [traceId, plan] of traces) if (!hasReason(plan)) expect(receiver.store.trace(traceId).spans).toEqual([]);
  expect(traces.filter(([, plan]) => hasReason(plan)).length).toBeGreaterThan(10);
});
