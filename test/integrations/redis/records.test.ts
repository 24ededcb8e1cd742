// One span and one duration record for each command, whatever its form.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Redis, startRedis } from '../../support/redis.ts';
import { FormsApp } from './forms-app.ts';

let redis: Redis;
let app: FormsApp;
beforeAll(async () => {
  // A server of its own: one form flushes scripts, one makes the server sleep.
  redis = await startRedis({ own: true, settings: { 'enable-debug-command': 'yes' } });
  app = await FormsApp.start(`${redis.url}/3`);
});
afterAll(async () => {
  await app?.stop();
  await redis?.stop();
});

const CONNECT = 'connect';
/** `operation` or `operation|error type` for each command of a form; spans are the same, and `connect` where the form opens a connection. */
test.each<[form: string, commands: string[], spansBesides?: string[]]>([
  ['plain', ['set', 'get']],
  ['callback', ['get']],
  ['error', ['set', 'lpush|WRONGTYPE']],
  ['unknown', ['_OTHER|ERR']],
  ['upperCase', ['get']],
  ['pipeline', ['PIPELINE set', 'PIPELINE get']],
  ['pipelineError', ['PIPELINE set', 'PIPELINE lpush|WRONGTYPE']],
  ['multi', ['multi', 'MULTI set', 'MULTI get', 'exec']],
  ['multiError', ['multi', 'MULTI set', 'MULTI lpush', 'exec']],
  ['multiAborted', ['multi', 'MULTI set|ERR', 'MULTI get', 'exec|EXECABORT']],
  ['multiByHand', ['multi', 'set', 'exec']],
  ['autoPipelining', ['PIPELINE get', 'PIPELINE get', 'PIPELINE get']],
  ['offlineQueue', ['set', 'get', 'PIPELINE get'], [CONNECT]],
  ['lazy', ['get'], [CONNECT]],
  ['failFast', ['get|not_connected']],
  ['timeout', ['blpop|timeout']],
  ['refused', ['get|connection_closed'], [`${CONNECT}|ECONNREFUSED`]],
  ['ended', ['get|connection_closed']],
  ['eval', ['eval']],
  ['evalUnknown', ['evalsha|NOSCRIPT']],
  ['script', ['evalsha', 'evalsha']],
  ['scriptFlushed', ['script', 'evalsha|NOSCRIPT', 'evalsha']],
  ['pubsub', ['subscribe', 'publish', 'unsubscribe']],
  ['blocking', ['blpop', 'rpush']],
  ['scan', ['scan']],
  ['quit', ['quit']],
])('%s', async (form, commands, spansBesides = []) => {
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

test('without the need of a parent, a command alone is a trace', async () => {
  const alone = await FormsApp.start(`${redis.url}/3`, { env: { SIETCH_OTEL_DB_ROOT_SPANS: 'all' } });
  try {
    await alone.run('noParent');
    const get = await alone.receiver.store.waitFor(({ spans }) => spans.find(({ name }) => name === 'get'));
    expect(get.parentSpanId).toBe('');
  } finally {
    await alone.stop();
  }
});

test('calls under a tally become two numbers', async () => {
  expect((await app.run('tally')).result).toEqual({ calls: 3, timed: true });
});

test('a span says what semantic conventions ask, with the pattern of the key', async () => {
  const [set] = await app.spansOf((await app.run('plain')).traceId);
  expect(set?.attributes).toEqual({
    'db.system.name': 'redis',
    'db.operation.name': 'set',
    'db.namespace': '3',
    'db.query.text': 'set user:?:cart',
    'server.address': '127.0.0.1',
    'server.port': redis.port,
  });
  const [lpush] = (await app.spansOf((await app.run('error')).traceId)).slice(1);
  expect(lpush).toMatchObject({
    attributes: { 'error.type': 'WRONGTYPE', 'db.response.status_code': 'WRONGTYPE' },
    status: { code: 'ERROR' },
    events: [{ name: 'exception', attributes: { 'exception.type': 'ReplyError' } }],
  });
});

test('the query text of scripts and of many keys', async () => {
  const [evaluated] = await app.spansOf((await app.run('eval')).traceId);
  expect(evaluated?.attributes['db.query.text']).toBe('eval 098e0f0d1448 1 user:?:lock');
  const [scripted] = await app.spansOf((await app.run('script')).traceId);
  expect(scripted?.attributes['db.query.text']).toBe('evalsha 098e0f0d1448 1 user:?:lock');
  const [many] = await app.spansOf((await app.run('many')).traceId);
  expect(many?.attributes['db.query.text']).toBe('mget user:? shop:? (+2)');
});

test('EXEC says how many commands of the transaction failed', async () => {
  const spans = await app.spansOf((await app.run('multiError')).traceId);
  expect(spans.at(-1)).toMatchObject({ name: 'exec', attributes: { 'sietch.redis.exec.failed_commands': 1 }, status: { code: 'UNSET' } });
});

test('callers that auto-pipelining serves together keep each their own trace', async () => {
  // caller 1        caller 2        caller 3
  //   get             get             get
  const traceIds = (await app.run('threeCallers')).result;
  expect(Array.isArray(traceIds) && traceIds.length).toBe(3);
  for (const [index, traceId] of (Array.isArray(traceIds) ? traceIds : []).entries()) {
    const spans = await app.spansOf(traceId, `caller ${index + 1}`);
    expect(spans.map((span) => span.attributes['db.operation.name'])).toEqual(['PIPELINE get']);
  }
});

test('what arrives on a connection is not part of the request that opened it', async () => {
  expect((await app.run('contextOfListeners')).result).toEqual([true]);
});

test('what ioredis sends to set a connection up is neither traced nor recorded, though CLIENT SETINFO fails on this server', async () => {
  const before = await app.counts();
  await app.run('offlineQueue');
  const after = await app.counts();
  for (const name of ['client', 'info', 'hello', 'auth', 'client|ERR']) expect(after[name]).toBe(before[name]);
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
