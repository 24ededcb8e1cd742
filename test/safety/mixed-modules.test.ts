// A CommonJS program that imports an ES module: what either of them loads is observed.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AppOptions, runApp } from '../support/app.ts';
import { INSTALLING_MS } from '../support/npm-packages.ts';
import { type Receiver, type SpanNode, spanTree, startReceiver } from '../support/otlp.ts';
import { nodeForTest } from '../support/requirements.ts';
import { freshRedis } from '../support/servers.ts';

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver?.close());

// root
// ├─ get               ioredis, by require
// ├─ circuit mixed     opossum, by import
// └─ send mixed        bullmq, by import
//    └─ process mixed
const node = (name: string, kind: SpanNode['kind'], children: SpanNode[] = []): SpanNode => ({ name, kind, status: 'UNSET', children });
const EXPECTED = [
  node('root', 'INTERNAL', [
    node('get', 'CLIENT'),
    node('circuit mixed', 'INTERNAL'),
    node('send mixed', 'PRODUCER', [node('process mixed', 'CONSUMER')]),
  ]),
];

async function expectAllObserved(options: AppOptions): Promise<void> {
  const env = { REDIS_URL: await freshRedis(), SIETCH_OTEL_CIRCUIT_SPANS: 'on', ...options.env };
  const app = runApp('test/app/mixed/main.cjs', { ...options, receiver, env });
  const { code, stdout, stderr } = await app.waitForExit(60_000);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  const traceId = traceIdIn(app.messages);
  const spans = await receiver.store.waitForTrace(traceId, (found) => found.length >= 5);
  expect(spanTree(spans)).toEqual(EXPECTED);
  expect(stdout).toMatch(new RegExp(`"trace_id":"${traceId}".*"msg":"from the ES module"`));
}

function traceIdIn(messages: readonly unknown[]): string {
  for (const message of messages)
    if (typeof message === 'object' && message !== null && 'traceId' in message) return String(message.traceId);
  throw new Error('The app did not say its trace id');
}

test.each(['22', '24', '26'] as const)(
  'on Node %s by default',
  async (major) => {
    await expectAllObserved({ node: await nodeForTest(major) });
  },
  INSTALLING_MS,
);

test(
  'on Node 20 with SIETCH_OTEL_ESM_HOOK=on',
  async () => {
    await expectAllObserved({ node: await nodeForTest('20'), env: { SIETCH_OTEL_ESM_HOOK: 'on' } });
  },
  INSTALLING_MS,
);
