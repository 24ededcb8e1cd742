// The spans of jobs in an app that knows nothing of us: BullMQ 5 and 6, CommonJS and ES modules.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runApp } from '../../support/app.ts';
import { allText, type Receiver, type Span, spanNamed, spanTree, startReceiver } from '../../support/otlp.ts';
import { freshDatabase, freshRedis } from '../../support/servers.ts';
import { type BullMqFolder, bullMqFolder } from '../../webhooks/bullmq-folder.ts';

interface Ran {
  spans: readonly Span[];
  receiver: Receiver;
  stdout: string;
}

/** Plays scenarios of test/app/queue-scenarios.cjs to their end, each on a queue of its name. */
async function play(folder: BullMqFolder, format: 'cjs' | 'mjs', scenarios: string, env: Record<string, string> = {}): Promise<Ran> {
  const receiver = await startReceiver();
  const app = runApp(folder.app(`queue-jobs.${format}`), {
    receiver,
    args: [scenarios],
    env: {
      REDIS_URL: await freshRedis(),
      DATABASE_URL: await freshDatabase(),
      OTEL_METRICS_EXPORTER: 'otlp',
      SIETCH_OTEL_REDIS_SLOW_MS: '0',
      ...env,
    },
  });
  try {
    await app.waitForLine(/^done$/, 40_000);
  } finally {
    await app.stop();
    await receiver.close();
  }
  expect(app.stderr).not.toMatch(/Error/);
  return { spans: receiver.store.spans, receiver, stdout: app.stdout };
}

const inTraceOf = (spans: readonly Span[], root: Span | undefined): Span[] => spans.filter(({ traceId }) => traceId === root?.traceId);
const named = (spans: readonly Span[], name: string): Span[] => spans.filter((span) => span.name === name);

describe.each([
  [6, 'cjs'],
  [6, 'mjs'],
  [5, 'cjs'],
  [5, 'mjs'],
] as const)('BullMQ %d in %s', (major, format) => {
  let folder: BullMqFolder;
  let ran: Ran;
  beforeAll(async () => {
    folder = bullMqFolder(major);
    ran = await play(folder, format, 'life,failing,kinds,replay,lazy,ownTelemetry');
  });
  afterAll(() => folder.remove());

  // POST /life                INTERNAL  stands for the server's span
  // └─ send life              PRODUCER
  //    └─ process life        CONSUMER
  //       ├─ SELECT           CLIENT    the app's own; BullMQ's commands are numbers on the spans above
  //       └─ get              CLIENT
  test('a job is a send and a process span in the trace of its request', () => {
    const spans = inTraceOf(ran.spans, spanNamed(ran.spans, 'POST /life'));
    const leaf = { kind: 'CLIENT', status: 'UNSET', children: [] };
    const children = [
      { ...leaf, name: expect.stringContaining('SELECT') },
      { ...leaf, name: 'get' },
    ];
    const process = { name: 'process life', kind: 'CONSUMER', status: 'UNSET', children };
    const send = { name: 'send life', kind: 'PRODUCER', status: 'UNSET', children: [process] };
    expect(spanTree(spans)).toEqual([{ name: 'POST /life', kind: 'INTERNAL', status: 'UNSET', children: [send] }]);

    expect(spanNamed(spans, 'send life').attributes).toEqual({
      'messaging.system.name': 'bullmq',
      'messaging.destination.name': 'life',
      'messaging.operation.type': 'send',
      'messaging.operation.name': 'send',
      'sietch.queue.method': 'add',
      'messaging.message.id': '1',
      'sietch.queue.job.name': 'paid',
      'sietch.queue.redis.calls': expect.any(Number),
      'sietch.queue.redis.time': expect.any(Number),
    });
    expect(spanNamed(spans, 'process life').attributes).toEqual({
      'messaging.system.name': 'bullmq',
      'messaging.destination.name': 'life',
      'messaging.operation.type': 'process',
      'messaging.operation.name': 'process',
      'messaging.message.id': '1',
      'sietch.queue.job.name': 'paid',
      'sietch.queue.job.attempt': 1,
      'sietch.queue.job.max_attempts': 1,
      'sietch.queue.job.wait': expect.any(Number),
      'sietch.queue.job.outcome': 'completed',
      'sietch.queue.redis.calls': expect.any(Number),
      'sietch.queue.redis.time': expect.any(Number),
    });
    // updateProgress of the processor, and the storing of the outcome.
    expect(spanNamed(spans, 'process life').attributes['sietch.queue.redis.calls']).toBeGreaterThanOrEqual(2);
  });

  test('a failed attempt is an error with the class of its exception', () => {
    const attempts = named(inTraceOf(ran.spans, spanNamed(ran.spans, 'POST /failing')), 'process failing');
    expect(attempts).toMatchObject([
      { status: { code: 'ERROR', message: '' }, attributes: { 'sietch.queue.job.attempt': 1, 'sietch.queue.job.outcome': 'retried' } },
      { status: { code: 'ERROR', message: '' }, attributes: { 'sietch.queue.job.attempt': 2, 'sietch.queue.job.outcome': 'dead' } },
    ]);
    for (const { attributes, events } of attempts) {
      expect(attributes).toMatchObject({ 'error.type': 'RangeError', 'sietch.queue.job.max_attempts': 2 });
      expect(events).toMatchObject([{ name: 'exception', attributes: { 'exception.type': 'RangeError' } }]);
      expect(Object.keys(events[0]?.attributes ?? {})).toEqual(['exception.type']);
    }
  });

  test('no payload, result or message leaves', () => {
    expect(ran.spans.length).toBeGreaterThan(20);
    expect(allText(ran.receiver.store)).not.toContain('4111111111111111');
  });

  test('jobs of bulks, flows and schedules have traces of their own, linked', () => {
    const sent = named(ran.spans, 'send kinds');
    expect(sent.map(({ attributes }) => [attributes['sietch.queue.method'], attributes['messaging.batch.message_count']])).toEqual([
      ['addBulk', 2],
      ['addFlow', 2],
      ['add', undefined],
    ]);
    const [bulk, flow, schedule] = sent.map(({ spanId }) => spanId);
    const processed = named(ran.spans, 'process kinds');
    expect(
      processed.map(({ attributes, links }) => [attributes['sietch.queue.job.name'], ...links.map(({ spanId }) => spanId)]).sort(),
    ).toEqual([
      ['bulk', bulk],
      ['bulk', bulk],
      ['child', flow],
      ['parent', flow],
      ['tick', schedule],
      ['tick', schedule],
    ]);
    expect(new Set(processed.map(({ traceId }) => traceId)).size).toBe(6);
    expect(processed.every(({ parentSpanId }) => parentSpanId === '')).toBe(true);
  });

  test('a job that is put back after its last attempt is linked to its first trace', () => {
    const [first, replayed] = named(ran.spans, 'process replay');
    const sent = spanNamed(ran.spans, 'send replay');
    expect(first?.traceId).toBe(sent.traceId);
    expect(replayed).toMatchObject({ parentSpanId: '', links: [{ spanId: sent.spanId }], attributes: { 'sietch.queue.replay': true } });
  });

  test('the loops of a worker that was made in a request belong to no trace', () => {
    expect(inTraceOf(ran.spans, spanNamed(ran.spans, 'GET /first'))).toHaveLength(1);
    const roots = ran.spans.filter(({ parentSpanId }) => parentSpanId === '').map(({ name }) => name);
    expect(roots.filter((name) => !/^(POST|GET) \/|^process |^pg\./.test(name))).toEqual([]);
  });

  test('a telemetry of the user wins', () => {
    expect(ran.stdout).toContain('metadata of the app');
    expect(ran.stdout).toContain('add ownTelemetry.paid, process ownTelemetry');
    expect(ran.spans.filter(({ name }) => name.endsWith('ownTelemetry'))).toEqual([]);
  });
});

test.each([
  ['parent', 'kinds', 3],
  ['link', 'life', 2],
])('SIETCH_OTEL_QUEUE_CONTEXT=%s decides for all jobs (%s: %d traces)', async (mode, scenario, traces) => {
  const { spans } = await play(bullMqFolder(6), 'cjs', scenario, { SIETCH_OTEL_QUEUE_CONTEXT: mode });
  const ofJobs = spans.filter(({ name }) => name.endsWith(scenario));
  expect(new Set(ofJobs.map(({ traceId }) => traceId)).size).toBe(traces);
});
