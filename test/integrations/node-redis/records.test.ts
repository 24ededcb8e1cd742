// One span and one duration record for each command, whatever its form and the version of node-redis.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { INSTALLING_MS } from '../../support/npm-packages.ts';
import { type Redis, startRedis } from '../../support/redis.ts';
import { FormsApp } from '../redis/forms-app.ts';
import { FORMS, nodeRedisPath, VERSIONS, type Version } from './node-redis-versions.ts';

let redis: Redis;
beforeAll(async () => {
  // A server of its own: one form flushes scripts, one makes the server sleep.
  redis = await startRedis({ own: true, settings: { 'enable-debug-command': 'yes' } });
});
afterAll(() => redis?.stop());

const CONNECT = 'connect';
interface Case {
  readonly form: string;
  /** `operation` or `operation|error type` of each command; spans are the same. */
  readonly commands: readonly string[];
  readonly spansBesides?: readonly string[];
  /** Default: all. */
  readonly versions?: readonly Version[];
}
const SINCE_4_7 = VERSIONS.slice(1);
const SINCE_5 = VERSIONS.slice(2);

const cases: readonly Case[] = [
  { form: 'plain', commands: ['set', 'get'] },
  { form: 'error', commands: ['set', 'lpush|WRONGTYPE'] },
  { form: 'unknown', commands: ['_OTHER|ERR'] },
  { form: 'raw', commands: ['get'] },
  { form: 'bytes', commands: ['get'], versions: SINCE_5 },
  { form: 'module', commands: ['json.get|ERR'] },
  { form: 'pipeline', commands: ['PIPELINE set', 'PIPELINE get'] },
  { form: 'pipelineError', commands: ['PIPELINE set', 'PIPELINE lpush|WRONGTYPE'] },
  { form: 'multi', commands: ['multi', 'MULTI set', 'MULTI get', 'exec'] },
  { form: 'multiError', commands: ['multi', 'MULTI set', 'MULTI lpush', 'exec'] },
  { form: 'multiAborted', commands: ['multi', 'MULTI set|ERR', 'MULTI get', 'exec|EXECABORT'] },
  { form: 'multiByHand', commands: ['multi', 'set', 'exec'] },
  { form: 'inOneTick', commands: ['get', 'get', 'get'] },
  { form: 'offlineQueue', commands: ['set', 'get'], spansBesides: [CONNECT] },
  { form: 'failFast', commands: ['get|not_connected', 'get|not_connected'], versions: SINCE_4_7 },
  { form: 'full', commands: [...new Array(9).fill('get'), 'get|queue_full'] },
  { form: 'aborted', commands: ['get|aborted'] },
  { form: 'abortedLater', commands: ['get|aborted'], versions: SINCE_4_7 },
  { form: 'refused', commands: ['get|connection_closed'], spansBesides: [`${CONNECT}|ECONNREFUSED`] },
  { form: 'ended', commands: ['get|connection_closed'] },
  { form: 'eval', commands: ['eval'] },
  { form: 'evalUnknown', commands: ['evalsha|NOSCRIPT'] },
  { form: 'script', commands: ['evalsha', 'evalsha'] },
  { form: 'scriptFlushed', commands: ['script', 'evalsha|NOSCRIPT', 'eval'] },
  // In 4.0.0 UNSUBSCRIBE ends the process: it takes the answer for another one (a typing error, "unsunscribe").
  { form: 'pubsub', commands: ['subscribe', 'publish', 'unsubscribe'], versions: SINCE_4_7 },
  { form: 'blocking', commands: ['blpop', 'rpush'] },
  { form: 'scan', commands: ['scan'] },
  { form: 'quit', commands: ['quit'] },
  { form: 'isolated', commands: ['get'], spansBesides: [CONNECT], versions: VERSIONS.slice(0, 2) },
  { form: 'isolated', commands: ['get'], versions: SINCE_5 },
  { form: 'legacy', commands: ['get'], versions: SINCE_4_7 },
  { form: 'duplicate', commands: ['get'], spansBesides: [CONNECT] },
  { form: 'cached', commands: ['get'], versions: VERSIONS.slice(3) },
];

describe.each(VERSIONS)('redis %s', (version) => {
  let app: FormsApp;
  beforeAll(async () => {
    app = await FormsApp.start(`${redis.url}/3`, { env: { NODE_REDIS: await nodeRedisPath(version) } }, FORMS);
  }, INSTALLING_MS);
  afterAll(() => app?.stop());

  const own = cases.filter(({ versions = VERSIONS }) => versions.includes(version));
  test.each(own)('$form', async ({ form, commands, spansBesides = [] }) => {
    const { counts, answer } = await app.countsOf(form);
    expect(counts).toEqual(tally(commands));
    const spans = await app.spansOf(answer.traceId);
    expect(tally(spans.map(summary))).toEqual(tally([...commands, ...spansBesides]));
    for (const span of spans)
      expect(span).toMatchObject({ kind: 'CLIENT', status: { code: summary(span).includes('|') ? 'ERROR' : 'UNSET' } });
  });

  test.each([
    ['noParent', { get: 1 }],
    ['suppressed', { get: 1 }],
    ['unsampledParent', { get: 1 }],
    ['tally', { get: 1, 'PIPELINE get': 2 }],
  ])('no span, but records: %s', async (form, expected) => {
    const { counts, answer } = await app.countsOf(form);
    expect(counts).toEqual(expected);
    expect(await app.spansOf(answer.traceId)).toEqual([]);
  });

  test('calls under a tally become two numbers', async () => {
    expect((await app.run('tally')).result).toEqual({ calls: 3, timed: true });
  });

  test('a span says what semantic conventions ask, with the pattern of the key', async () => {
    const [set] = await app.spansOf((await app.run('plain')).traceId);
    expect(set).toMatchObject({ name: 'set', scope: { name: '@sietch/otel/node-redis' } });
    expect(set?.attributes).toEqual({
      'db.system.name': 'redis',
      'db.operation.name': 'set',
      'db.namespace': '3',
      'db.query.text': 'set user:?:cart',
      'server.address': '127.0.0.1',
      'server.port': redis.port,
    });
    const [, lpush] = await app.spansOf((await app.run('error')).traceId);
    expect(lpush).toMatchObject({
      attributes: { 'error.type': 'WRONGTYPE', 'db.response.status_code': 'WRONGTYPE' },
      status: { code: 'ERROR' },
      events: [{ name: 'exception', attributes: { 'exception.type': expect.stringMatching(/Reply|SimpleError/) } }],
    });
  });

  test('the query text of scripts and of many keys', async () => {
    const texts = async (form: string) =>
      (await app.spansOf((await app.run(form)).traceId)).map(({ attributes }) => attributes['db.query.text']);
    expect(await texts('eval')).toEqual(['eval 098e0f0d1448 1 user:?:lock']);
    expect((await texts('script')).at(-1)).toBe('evalsha 098e0f0d1448 1 user:?:lock');
    expect(await texts('many')).toEqual(['mget user:? shop:? (+2)']);
  });

  test('EXEC says how many commands of the transaction failed', async () => {
    const spans = await app.spansOf((await app.run('multiError')).traceId);
    expect(spans.at(-1)).toMatchObject({ name: 'exec', attributes: { 'sietch.redis.exec.failed_commands': 1 }, status: { code: 'UNSET' } });
  });

  test('what follows SELECT is in the other database', async () => {
    const spans = await app.spansOf((await app.run('select')).traceId);
    expect(spans.map(({ name, attributes }) => [name, attributes['db.namespace']])).toEqual([
      ['select', '3'],
      ['get', '4'],
    ]);
  });

  test('what arrives on a connection is not part of the request that opened it', async () => {
    expect((await app.run('contextOfListeners')).result).toBe(true);
  });

  const pools = SINCE_5.includes(version) ? [version] : [];
  test.each(pools)('callers that wait for one client of a pool keep each their own trace', async () => {
    // caller 1   caller 2   caller 3
    //   get        get        get
    const { result } = await app.run('pooled');
    const traceIds = Array.isArray(result) ? result : [];
    expect(traceIds).toHaveLength(3);
    for (const [index, traceId] of traceIds.entries()) {
      const spans = await app.spansOf(traceId, `caller ${index + 1}`);
      expect(spans.map(({ name }) => name)).toEqual(['get']);
    }
  });

  test('what node-redis sends to set a connection up is neither traced nor recorded', async () => {
    const before = await app.counts();
    await app.run('offlineQueue');
    const after = await app.counts();
    for (const name of ['client', 'hello', 'auth', 'select', 'client|ERR']) expect(after[name]).toBe(before[name]);
  });
});

function summary({ attributes }: { attributes: Record<string, unknown> }): string {
  const name = String(attributes['db.operation.name']);
  return attributes['error.type'] === undefined ? name : `${name}|${attributes['error.type']}`;
}

function tally(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
