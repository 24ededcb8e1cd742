// The spans and numbers of Bull's jobs in an app that knows nothing of us: the first and the last Bull 4, CommonJS and ES modules.
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { runApp } from '../../support/app.ts';
import { cacheDirectory } from '../../support/cache.ts';
import { INSTALLING_MS, installedPackages } from '../../support/npm-packages.ts';
import { allText, lastPoint, type Receiver, type Span, spanNamed, spanTree, startReceiver } from '../../support/otlp.ts';
import { freshRedis } from '../../support/servers.ts';

interface Ran {
  spans: readonly Span[];
  receiver: Receiver;
  stdout: string;
}

const UNTIMED = { SIETCH_OTEL_REDIS_SLOW_MS: '0' };

async function play(version: string, format: string, preload: 'require' | 'none' = 'require'): Promise<Ran> {
  const modules = await installedPackages(join(cacheDirectory('libraries'), `bull-${version}`), { bull: version });
  const receiver = await startReceiver();
  const env = { REDIS_URL: await freshRedis(), OTEL_METRICS_EXPORTER: 'otlp', SIETCH_OTEL_QUEUE_METRICS_INTERVAL_MS: '200', ...UNTIMED };
  const app = runApp(`test/app/bull/jobs.${format}`, { args: [modules], receiver, preload, env });
  try {
    await app.waitForLine(/^played$/, 40_000);
    if (preload !== 'none') {
      await receiver.store.waitFor(({ spans }) => spans.some(({ name }) => name === 'in the sandbox') && spans.length > 20);
      await receiver.store.waitFor(({ metrics }) => lastPoint(metrics, 'sietch.queue.depth', DEPTH)?.value === 1);
    }
    app.send({ close: true });
    const { code, stderr } = await app.waitForExit();
    expect({ code, problems: stderr.split('\n').filter((line) => /Error|\] (warn|error)/.test(line)) }).toEqual({ code: 0, problems: [] });
  } finally {
    await app.stop();
    await receiver.close();
  }
  return { spans: receiver.store.spans, receiver, stdout: app.stdout };
}

const DEPTH = { 'messaging.destination.name': 'life', 'sietch.queue.job.state': 'completed' };
const named = (spans: readonly Span[], name: string): Span[] => spans.filter((span) => span.name === name);
const inTraceOf = (spans: readonly Span[], root: Span): Span[] => spans.filter(({ traceId }) => traceId === root.traceId);

describe.each([
  ['4.0.0', 'cjs'],
  ['4.16.5', 'cjs'],
  ['4.16.5', 'mjs'],
] as const)('Bull %s in %s', (version, format) => {
  let ran: Ran;
  let bare: Ran;
  beforeAll(async () => {
    bare = await play(version, format, 'none');
    ran = await play(version, format);
  }, INSTALLING_MS);

  test('processors, listeners and who adds jobs see what they see without us', () => {
    // Whether a job is taken before who adds it knows of it is chance.
    const lines = ({ stdout }: Ran) => stdout.split('\n').sort();
    expect(lines(ran)).toEqual(lines(bare));
    expect(ran.stdout).toContain('["sandbox"');
  });

  // POST /life           INTERNAL  stands for the server's span
  // └─ send life         PRODUCER
  //    └─ process life   CONSUMER
  //       └─ of the app  INTERNAL
  test('a job is a send and a process span in the trace of its request', () => {
    const spans = inTraceOf(ran.spans, spanNamed(ran.spans, 'POST /life'));
    const app = { name: 'of the app', kind: 'INTERNAL', status: 'UNSET', children: [] };
    const process = { name: 'process life', kind: 'CONSUMER', status: 'UNSET', children: [app] };
    const send = { name: 'send life', kind: 'PRODUCER', status: 'UNSET', children: [process] };
    expect(spanTree(spans)).toEqual([{ name: 'POST /life', kind: 'INTERNAL', status: 'UNSET', children: [send] }]);
    const common = {
      'messaging.system.name': 'bull',
      'messaging.destination.name': 'life',
      'messaging.message.id': '1',
      'sietch.queue.job.name': 'paid',
    };
    const redis = { 'sietch.queue.redis.calls': expect.any(Number), 'sietch.queue.redis.time': expect.any(Number) };
    expect(spanNamed(spans, 'send life').attributes).toEqual({
      ...common,
      ...redis,
      'messaging.operation.type': 'send',
      'messaging.operation.name': 'send',
      'sietch.queue.method': 'add',
    });
    expect(spanNamed(spans, 'process life').attributes).toEqual({
      ...common,
      ...redis,
      'messaging.operation.type': 'process',
      'messaging.operation.name': 'process',
      'sietch.queue.job.attempt': 1,
      'sietch.queue.job.max_attempts': 3,
      'sietch.queue.job.wait': expect.any(Number),
      'sietch.queue.job.outcome': 'completed',
    });
    expect(spanNamed(spans, 'process life').attributes['sietch.queue.redis.calls']).toBeGreaterThanOrEqual(2);
  });

  test('a failed attempt is an error with the class of its exception, and its outcome', () => {
    const attempts = named(inTraceOf(ran.spans, spanNamed(ran.spans, 'POST /failing')), 'process failing');
    expect(
      attempts.map(({ status, attributes }) => [status.code, attributes['error.type'], attributes['sietch.queue.job.outcome']]),
    ).toEqual([
      ['ERROR', 'RangeError', 'retried'],
      ['ERROR', 'RangeError', 'dead'],
    ]);
    expect(spanNamed(ran.spans, 'process late').attributes).toMatchObject({
      'error.type': 'TimeoutError',
      'sietch.queue.job.outcome': 'dead',
    });
    expect(spanNamed(ran.spans, 'process lost').attributes).toMatchObject({ 'error.type': 'Error', 'sietch.queue.job.outcome': 'dead' });
    expect(spanNamed(ran.spans, 'send refused')).toMatchObject({ status: { code: 'ERROR' }, attributes: { 'error.type': 'TypeError' } });
  });

  test('jobs of bulks, repeated jobs and replays are linked', () => {
    const links = (name: string) => named(ran.spans, name).map((span) => [span.parentSpanId, ...span.links.map(({ spanId }) => spanId)]);
    const bulk = spanNamed(ran.spans, 'send bulk');
    expect(bulk.attributes).toMatchObject({ 'sietch.queue.method': 'addBulk', 'messaging.batch.message_count': 2 });
    expect(links('process bulk')).toEqual([
      ['', bulk.spanId],
      ['', bulk.spanId],
    ]);
    const repeated = spanNamed(ran.spans, 'send repeated').spanId;
    expect(links('process repeated')).toEqual([
      ['', repeated],
      ['', repeated],
    ]);
    const replay = spanNamed(ran.spans, 'send replay').spanId;
    expect(links('process replay')).toEqual([[replay], ['', replay]]);
  });

  test('a sandboxed processor is in the trace of its job', () => {
    const [inside] = named(ran.spans, 'in the sandbox');
    expect(inside?.parentSpanId).toBe(spanNamed(ran.spans, 'process sandbox').spanId);
  });

  test('Redis commands of Bull make no spans beside those of a connection that opens', () => {
    const others = ran.spans.filter(({ name }) => !/^(?:POST|send|process|of the app|in the sandbox)/.test(name)).map(({ name }) => name);
    expect(others.filter((name) => !['connect', 'info'].includes(name))).toEqual([]);
  });

  test('durations, outcomes and depths are counted', () => {
    const { metrics } = ran.receiver.store;
    const point = (name: string, queue: string, rest = {}) => lastPoint(metrics, name, { 'messaging.destination.name': queue, ...rest });
    expect(point('messaging.client.sent.messages', 'bulk')?.value).toBe(2);
    expect(point('messaging.client.sent.messages', 'life')?.attributes).toMatchObject({ 'messaging.system.name': 'bull' });
    expect(point('messaging.process.duration', 'life')?.count).toBe(1);
    expect(point('sietch.queue.jobs', 'failing', { 'sietch.queue.job.outcome': 'retried' })?.value).toBe(1);
    expect(point('sietch.queue.jobs', 'failing', { 'sietch.queue.job.outcome': 'dead' })?.value).toBe(1);
  });

  test('no payload, result or message leaves', () => {
    expect(ran.spans.length).toBeGreaterThan(20);
    expect(allText(ran.receiver.store)).not.toContain('4111111111111111');
  });
});
