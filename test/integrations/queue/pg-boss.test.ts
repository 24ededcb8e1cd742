// The spans and numbers of pg-boss' jobs in an app that knows nothing of us: the first and the last version that we observe ourselves, those between that
// have another form, and the last, which makes spans of its own.
import { copyFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { runApp } from '../../support/app.ts';
import { cacheDirectory } from '../../support/cache.ts';
import { ROOT } from '../../support/checkout.ts';
import { nodeBinary } from '../../support/node-versions.ts';
import { INSTALLING_MS, installedPackages } from '../../support/npm-packages.ts';
import { allText, lastPoint, type Receiver, type Span, spanNamed, spanTree, startReceiver } from '../../support/otlp.ts';
import { freshDatabase } from '../../support/servers.ts';

interface Ran {
  spans: readonly Span[];
  receiver: Receiver;
  stdout: string;
}
interface Version {
  version: string;
  format: string;
  node: '20' | '24';
}

const CARD = '4111111111111111';

async function play({ version, format, node }: Version, preload: 'require' | 'none', env: Record<string, string> = {}): Promise<Ran> {
  const packages = { 'pg-boss': version, pg: '8.23.1', '@opentelemetry/api': '1.9.0' };
  const modules = await installedPackages(join(cacheDirectory('libraries'), `pg-boss-${version}-api`), packages);
  const folder = dirname(modules);
  for (const file of ['jobs.cjs', 'jobs.mjs', 'scenarios.cjs']) copyFileSync(join(ROOT, 'test/app/pg-boss', file), join(folder, file));
  const receiver = await startReceiver();
  const app = runApp(join(folder, `jobs.${format}`), {
    args: [modules],
    receiver,
    preload,
    node: await nodeBinary(node),
    env: {
      DATABASE_URL: await freshDatabase(),
      OTEL_METRICS_EXPORTER: 'otlp',
      SIETCH_OTEL_PG_SLOW_QUERY_MS: '0',
      INSERT_BY_NAME: Number(version.split('.')[0]) >= 11 ? '1' : '0',
      ...env,
    },
  });
  try {
    await app.waitForLine(/^played$/, 60_000);
    const isWhole = (spans: readonly Span[]) => spans.filter(({ name }) => name.startsWith('process ')).length >= 6;
    if (preload !== 'none') await receiver.store.waitFor(({ spans }) => isWhole(spans));
    app.send({ close: true });
    const { code, stderr } = await app.waitForExit();
    expect({ code, problems: stderr.split('\n').filter((line) => /Error|\] (warn|error)/.test(line)) }).toEqual({ code: 0, problems: [] });
  } finally {
    await app.stop();
    await receiver.close();
  }
  return { spans: receiver.store.spans, receiver, stdout: app.stdout };
}

const linesOf = ({ stdout }: Ran) => stdout.split('\n').sort();
const named = (spans: readonly Span[], name: string): Span[] => spans.filter((span) => span.name === name);
const inTraceOf = (spans: readonly Span[], root: Span): Span[] => spans.filter(({ traceId }) => traceId === root.traceId);
const OWN: readonly Version[] = [
  { version: '9.0.0', format: 'cjs', node: '20' },
  { version: '10.4.2', format: 'cjs', node: '20' },
  { version: '11.1.2', format: 'mjs', node: '24' },
  { version: '12.0.0', format: 'mjs', node: '24' },
  { version: '12.35.0', format: 'cjs', node: '24' },
];

describe.each(OWN)('pg-boss $version in $format', (each) => {
  let ran: Ran;
  let bare: Ran;
  beforeAll(async () => {
    bare = await play(each, 'none');
    ran = await play(each, 'require');
  }, INSTALLING_MS);

  test('handlers and who sends jobs see what they see without us', () => {
    expect(linesOf(ran)).toEqual(linesOf(bare));
    expect(ran.stdout).toContain('["batch"');
  });

  // POST /life               INTERNAL  stands for the server's span
  // └─ send life             PRODUCER
  //    ├─ INSERT …           CLIENT    the statement that stores the job
  //    └─ process life       CONSUMER
  //       └─ of the app      INTERNAL
  test('a job is a send and a process span in the trace of its request', () => {
    const spans = inTraceOf(ran.spans, spanNamed(ran.spans, 'POST /life'));
    const [tree] = spanTree(spans.filter(({ attributes }) => attributes['db.system.name'] !== 'postgresql'));
    const app = { name: 'of the app', kind: 'INTERNAL', status: 'UNSET', children: [] };
    const process = { name: 'process life', kind: 'CONSUMER', status: 'UNSET', children: [app] };
    const send = { name: 'send life', kind: 'PRODUCER', status: 'UNSET', children: [process] };
    expect(tree).toEqual({ name: 'POST /life', kind: 'INTERNAL', status: 'UNSET', children: [send] });
    expect(spanNamed(spans, 'send life').attributes).toEqual({
      'messaging.system.name': 'pg-boss',
      'messaging.destination.name': 'life',
      'messaging.operation.type': 'send',
      'messaging.operation.name': 'send',
      'sietch.queue.method': 'send',
      'messaging.message.id': expect.any(String),
    });
    expect(spanNamed(spans, 'process life').attributes).toMatchObject({
      'messaging.system.name': 'pg-boss',
      'messaging.destination.name': 'life',
      'messaging.operation.type': 'process',
      'messaging.message.id': spanNamed(spans, 'send life').attributes['messaging.message.id'],
      'sietch.queue.job.attempt': 1,
      'sietch.queue.job.max_attempts': 3,
      'sietch.queue.job.wait': expect.any(Number),
      'sietch.queue.job.outcome': 'completed',
    });
  });

  test('a failed attempt is an error with the class of its exception, and its outcome', () => {
    const attempts = named(inTraceOf(ran.spans, spanNamed(ran.spans, 'POST /failing')), 'process failing');
    expect(
      attempts.map(({ status, attributes }) => [status.code, attributes['error.type'], attributes['sietch.queue.job.outcome']]),
    ).toEqual([
      ['ERROR', 'RangeError', 'retried'],
      ['ERROR', 'RangeError', 'dead'],
    ]);
    expect(spanNamed(ran.spans, 'send refused').status.code).toBe('ERROR');
  });

  test('a batch is one span; a job that was not made has no id', () => {
    expect(spanNamed(ran.spans, 'send batch').attributes).toMatchObject({
      'messaging.operation.name': 'send',
      'sietch.queue.method': 'insert',
      'messaging.batch.message_count': 2,
    });
    expect(spanNamed(ran.spans, 'process batch')).toMatchObject({ parentSpanId: '', attributes: { 'messaging.batch.message_count': 2 } });
    expect(named(ran.spans, 'send short').map(({ attributes }) => typeof attributes['messaging.message.id'])).toEqual([
      'string',
      'undefined',
    ]);
  });

  test('its polling makes no spans', () => {
    const own = new Set(ran.spans.map(({ spanId }) => spanId));
    const roots = ran.spans.filter(({ parentSpanId }) => !own.has(parentSpanId)).map(({ name }) => name);
    expect(roots.filter((name) => !/^(?:POST|process batch)/.test(name))).toEqual([]);
  });

  test('durations and outcomes are counted', () => {
    const point = (name: string, queue: string, rest = {}) =>
      lastPoint(ran.receiver.store.metrics, name, { 'messaging.destination.name': queue, ...rest });
    expect(point('messaging.client.sent.messages', 'batch')?.value).toBe(2);
    expect(point('messaging.client.consumed.messages', 'batch')?.value).toBe(2);
    expect(point('messaging.process.duration', 'life')?.attributes).toMatchObject({ 'messaging.system.name': 'pg-boss' });
    expect(point('sietch.queue.jobs', 'failing', { 'sietch.queue.job.outcome': 'dead' })?.value).toBe(1);
  });

  test('no payload, result or message leaves', () => {
    expect(allText(ran.receiver.store)).not.toContain(CARD);
  });
});

test(
  'with SIETCH_OTEL_QUEUE_PG_BOSS_DATA=on the data of a job carry its trace, and nobody in the app sees it',
  async () => {
    const each: Version = { version: '11.1.2', format: 'cjs', node: '24' };
    const ran = await play(each, 'require', { SIETCH_OTEL_QUEUE_PG_BOSS_DATA: 'on' });
    expect(linesOf(ran)).toEqual(linesOf(await play(each, 'none')));
    const sent = spanNamed(ran.spans, 'send batch').spanId;
    expect(spanNamed(ran.spans, 'process batch').links.map(({ spanId }) => spanId)).toEqual([sent, sent]);
  },
  INSTALLING_MS,
);

describe.each(['cjs', 'mjs'])('pg-boss 12.38.0 in %s, with spans of its own', (format) => {
  test('carries the trace in its own column, and says no more than ours', { timeout: INSTALLING_MS }, async () => {
    const each: Version = { version: '12.38.0', format, node: '24' };
    const ran = await play(each, 'require');
    expect(linesOf(ran)).toEqual(linesOf(await play(each, 'none')));
    const spans = inTraceOf(ran.spans, spanNamed(ran.spans, 'POST /life'));
    const send = spanNamed(spans, 'send life');
    expect(spanNamed(spans, 'process life')).toMatchObject({ parentSpanId: send.spanId, scope: { name: 'pg-boss' } });
    expect(spanNamed(ran.spans, 'process batch').links).toHaveLength(2);
    expect(allText(ran.receiver.store)).not.toContain(CARD);
  });
});
