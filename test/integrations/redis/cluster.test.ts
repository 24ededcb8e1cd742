// In a cluster: one record and one span a command, on the node that answered, whatever redirections it took.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Span } from '../../support/otlp.ts';
import { startCluster, type ThreeNodeCluster } from '../../support/redis-cluster.ts';
import { FormsApp } from './forms-app.ts';

let cluster: ThreeNodeCluster;
let app: FormsApp;
beforeAll(async () => {
  cluster = await startCluster();
  const url = `redis://127.0.0.1:${cluster.ports[0]}`;
  app = await FormsApp.start(url, { env: { CLUSTER_PORT: String(cluster.ports[0]), SIETCH_OTEL_REDIS_KEY_TRACE: 'traced*' } });
  await app.run('clusterPlain');
});
afterAll(async () => {
  await app?.stop();
  await cluster?.stop();
});

/** Without `connect`: a node that is used for the first time is connected to then. */
async function commandsOf(traceId: string): Promise<Span[]> {
  return (await app.spansOf(traceId)).filter(({ name }) => name !== 'connect');
}

test('plain commands, errors included', async () => {
  const { counts, answer } = await app.countsOf('clusterPlain');
  expect(counts).toEqual({ set: 1, get: 1, 'lpush|WRONGTYPE': 1, 'mget|CROSSSLOT': 1 });
  const spans = await commandsOf(answer.traceId);
  expect(spans.map(({ name }) => name)).toEqual(['set', 'get', 'lpush', 'mget']);
  const port = await cluster.portOf('k:1');
  expect(spans.slice(0, 3).map(({ attributes }) => attributes['server.port'])).toEqual([port, port, port]);
});

test('commands to three nodes', async () => {
  const { counts, answer } = await app.countsOf('clusterGet', { keys: ['a', 'b', 'c'] });
  expect(counts).toEqual({ get: 3 });
  const spans = await commandsOf(answer.traceId);
  const ports = spans.map(({ attributes }) => attributes['server.port']);
  expect([...ports].sort()).toEqual([...cluster.ports].sort());
});

test('a transaction', async () => {
  const { counts, answer } = await app.countsOf('clusterMulti');
  expect(counts).toEqual({ multi: 1, 'MULTI set': 1, 'MULTI get': 1, exec: 1 });
  expect((await commandsOf(answer.traceId)).map(({ name }) => name).toSorted()).toEqual(['MULTI get', 'MULTI set', 'exec', 'multi']);
});

test('a command that is MOVED is one, on its new node', async () => {
  await app.run('clusterGet', { keys: ['moved'] });
  const port = await cluster.moveSlotOf('moved');
  const { counts, answer } = await app.countsOf('clusterGet', { keys: ['moved'] });
  expect(counts).toEqual({ get: 1 });
  const [span, ...more] = await commandsOf(answer.traceId);
  expect(more).toEqual([]);
  expect(span).toMatchObject({ name: 'get', status: { code: 'UNSET' }, attributes: { 'server.port': port } });
});

test('a pipeline that is MOVED is sent twice and recorded once', async () => {
  await app.run('clusterGet', { keys: ['{pipe}1'] });
  const port = await cluster.moveSlotOf('{pipe}1');
  const { counts, answer } = await app.countsOf('clusterPipeline', { keys: ['{pipe}1', '{pipe}2'] });
  expect(answer.result).toEqual([
    [null, null],
    [null, null],
  ]);
  expect(counts).toEqual({ 'PIPELINE get': 2 });
  const spans = await commandsOf(answer.traceId);
  expect(spans.map(({ name, status, attributes }) => [name, status.code, attributes['server.port']])).toEqual([
    ['PIPELINE get', 'UNSET', port],
    ['PIPELINE get', 'UNSET', port],
  ]);
});

test('a command that is told to ASK is one, and ASKING is none', async () => {
  const port = await cluster.beginMoveOf('asked');
  const { counts, answer } = await app.countsOf('clusterGet', { keys: ['asked'] });
  expect(counts).toEqual({ get: 1 });
  const spans = await commandsOf(answer.traceId);
  expect(spans.map(({ name, attributes }) => [name, attributes['server.port']])).toEqual([['get', port]]);
});

test('who wrote keys of three nodes, with and without hash tags', async () => {
  const keys = ['traced:1', 'traced:2', 'traced:3', 'traced:{tag}:4', 'traced:{open'];
  const { traceId } = await app.run('clusterWrites', { keys: [...keys, 'other'] });
  await expect
    .poll(async () => (await app.metrics()).match(/key_traces_total\{sietch_redis_key_trace_outcome="written".*\} (\d+)/)?.[1], {
      timeout: 15_000,
    })
    .toBe(String(keys.length));
  for (const key of keys) expect((await app.run('clusterWhoWrote', { key })).result).toMatchObject({ traceId });
  expect((await app.run('clusterWhoWrote', { key: 'other' })).result).toBeUndefined();
});
