// In a cluster: one record and one span a command, on the node that answered, whatever redirections it took.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { INSTALLING_MS } from '../../support/npm-packages.ts';
import type { Span } from '../../support/otlp.ts';
import { startCluster, type ThreeNodeCluster } from '../../support/redis-cluster.ts';
import { FormsApp } from '../redis/forms-app.ts';
import { FORMS, nodeRedisPath, VERSIONS } from './node-redis-versions.ts';

describe.each(VERSIONS)('redis %s', (version) => {
  let cluster: ThreeNodeCluster;
  let app: FormsApp;
  beforeAll(async () => {
    cluster = await startCluster();
    const url = `redis://127.0.0.1:${cluster.ports[0]}`;
    app = await FormsApp.start(url, { env: { CLUSTER_PORT: String(cluster.ports[0]), NODE_REDIS: await nodeRedisPath(version) } }, FORMS);
    await app.run('clusterPlain');
  }, INSTALLING_MS);
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
    expect(counts).toEqual({ set: 1, get: 1, 'lpush|WRONGTYPE': 1 });
    const spans = await commandsOf(answer.traceId);
    expect(spans.map(({ name }) => name)).toEqual(['set', 'get', 'lpush']);
    const port = await cluster.portOf('k:1');
    expect(spans.map(({ attributes }) => attributes['server.port'])).toEqual([port, port, port]);
  });

  test('commands to three nodes', async () => {
    const { counts, answer } = await app.countsOf('clusterGet', { keys: ['a', 'b', 'c'] });
    expect(counts).toEqual({ get: 3 });
    const ports = (await commandsOf(answer.traceId)).map(({ attributes }) => attributes['server.port']);
    expect([...ports].sort()).toEqual([...cluster.ports].sort());
  });

  test('a transaction', async () => {
    const { counts, answer } = await app.countsOf('clusterMulti');
    expect(counts).toEqual({ multi: 1, 'MULTI set': 1, 'MULTI get': 1, exec: 1 });
    expect((await commandsOf(answer.traceId)).map(({ name }) => name).toSorted()).toEqual(['MULTI get', 'MULTI set', 'exec', 'multi']);
  });

  test('a pipeline', async () => {
    const { counts } = await app.countsOf('clusterPipeline', { keys: ['{pipe}1', '{pipe}2'] });
    expect(counts).toEqual({ 'PIPELINE get': 2 });
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

  test('a command that is told to ASK is one, and ASKING is none', async () => {
    const port = await cluster.beginMoveOf('asked');
    const { counts, answer } = await app.countsOf('clusterGet', { keys: ['asked'] });
    expect(counts).toEqual({ get: 1 });
    const spans = await commandsOf(answer.traceId);
    expect(spans.map(({ name, attributes }) => [name, attributes['server.port']])).toEqual([['get', port]]);
  });
});
