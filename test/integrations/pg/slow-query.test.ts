// Slow queries: log record, span event, counter, listeners; plans; who blocks.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Exit, runApp } from '../../support/app.ts';
import { allText, isQuery, lastPoint, type Receiver, type Span, spanNamed, startReceiver } from '../../support/otlp.ts';
import { freshDatabase } from '../../support/servers.ts';

interface Run {
  receiver: Receiver;
  exit: Exit;
  /** JSON lines of stderr. */
  logs: Record<string, unknown>[];
  /** What the listener was told. */
  told: Record<string, unknown>[];
}

const receivers: Receiver[] = [];
afterAll(async () => {
  for (const receiver of receivers) await receiver.close();
});

async function run(kinds: string[], env: Record<string, string> = {}): Promise<Run> {
  const receiver = await startReceiver();
  receivers.push(receiver);
  const app = runApp('test/app/pg-slow.js', {
    args: [await freshDatabase(), ...kinds],
    receiver,
    env: { OTEL_METRICS_EXPORTER: 'otlp', OTEL_LOGS_EXPORTER: 'otlp', SIETCH_OTEL_BANNER: 'off', ...env },
  });
  const exit = await app.waitForExit(40_000);
  expect(exit).toMatchObject({ code: 0, signal: null });
  const logs = jsonLines(exit.stderr);
  return { receiver, exit, logs, told: jsonLines(exit.stdout) };
}

function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line): Record<string, unknown> => JSON.parse(line));
}

/** The slow queries under the app's span of this name. */
function slowSpans({ receiver }: Run, kind: string): Span[] {
  const { spans } = receiver.store;
  const parent = spanNamed(spans, kind);
  return spans.filter(
    ({ parentSpanId, events }) => parentSpanId === parent.spanId && events.some(({ name }) => name === 'sietch.pg.slow_query'),
  );
}

const slowLogs = ({ logs }: Run) => logs.filter(({ event }) => event === 'sietch.pg.slow_query');

describe('a slow query', () => {
  const kinds = ['select', 'update', 'failing', 'cursor', 'pool'];
  let sampled: Run;
  beforeAll(async () => {
    sampled = await run(kinds);
  });

  test.each([
    [
      'select',
      {
        'db.operation.name': 'SELECT',
        'db.query.text': 'SELECT pg_sleep(?), ? AS s FROM generate_series(?)',
        'db.response.returned_rows': 2,
      },
    ],
    ['update', { 'db.operation.name': 'UPDATE', 'sietch.pg.affected_rows': 3 }],
    ['failing', { 'db.operation.name': 'SELECT', 'error.type': '57014', 'db.response.status_code': '57014' }],
    ['cursor', { 'db.operation.name': 'SELECT', 'db.response.returned_rows': 4 }],
  ])('is one warn record with its trace, duration, text and rows, and a span event: %s', (kind, expected) => {
    const [span, ...more] = slowSpans(sampled, kind);
    expect(more).toEqual([]);
    const lines = slowLogs(sampled).filter(({ span_id }) => span_id === span?.spanId);
    expect(lines).toEqual([
      expect.objectContaining({
        level: 40,
        trace_id: span?.traceId,
        trace_flags: '03',
        'db.namespace': expect.stringMatching(/^test_/),
        ...expected,
      }),
    ]);
    expect(lines[0]?.['sietch.duration_ms']).toBeGreaterThan(100);
    const record = sampled.receiver.store.logs.find(({ spanId }) => spanId === span?.spanId);
    expect(record).toMatchObject({ severityText: 'WARN', eventName: 'sietch.pg.slow_query', traceId: span?.traceId, attributes: expected });
  });

  test.each(kinds)('its span event lies inside of its span: %s', (kind) => {
    const spans = slowSpans(sampled, kind);
    expect(spans).not.toEqual([]);
    for (const { events, startTimeUnixNano, endTimeUnixNano } of spans) {
      for (const { timeUnixNano } of events) {
        expect(timeUnixNano).toBeGreaterThanOrEqual(startTimeUnixNano);
        expect(timeUnixNano).toBeLessThanOrEqual(endTimeUnixNano);
      }
    }
  });

  test('the wait for a connection of the pool is told apart from the time of the query', () => {
    const waits = slowSpans(sampled, 'pool').map(({ attributes }) => Number(attributes['sietch.pg.pool.wait'] ?? 0));
    expect(waits).toHaveLength(2);
    // One of the two had to wait until the other's 500 ms were over.
    expect(Math.max(...waits)).toBeGreaterThan(0.4);
    expect(sampled.told.map(({ poolWaitMs }) => Number(poolWaitMs ?? 0)).filter((wait) => wait > 400)).toHaveLength(1);
  });

  test('is counted, and each listener is told; one that throws harms nobody', () => {
    const { metrics } = sampled.receiver.store;
    const count = (attributes: Record<string, string>) => lastPoint(metrics, 'sietch.slow_query', attributes)?.value;
    expect(count({ 'db.operation.name': 'UPDATE' })).toBe(1);
    expect(count({ 'db.operation.name': 'SELECT', 'error.type': '57014' })).toBe(1);
    expect(sampled.told.length).toBe(slowLogs(sampled).length);
    expect(sampled.told).toContainEqual(expect.objectContaining({ operation: 'UPDATE', affectedRows: 3, sampled: true }));
    expect(sampled.exit.stderr).toContain('SIETCH041');
    expect(sampled.exit.stdout).not.toContain('never');
  });

  test('is told of when it is not sampled, with the ids it has', async () => {
    const unsampled = await run(['select', 'failing'], { OTEL_TRACES_SAMPLER: 'always_off' });
    expect(unsampled.receiver.store.spans).toEqual([]);
    const statements = slowLogs(unsampled).filter((line) => line['db.operation.name'] === 'SELECT');
    expect(statements).toEqual([
      expect.objectContaining({ trace_id: expect.stringMatching(/^[0-9a-f]{32}$/), trace_flags: '02' }),
      expect.objectContaining({ trace_flags: '02', 'error.type': '57014' }),
    ]);
    expect(unsampled.told).toContainEqual(expect.objectContaining({ operation: 'SELECT', sampled: false }));
    expect(lastPoint(unsampled.receiver.store.metrics, 'sietch.slow_query', { 'db.operation.name': 'SELECT' })?.value).toBe(1);
  });

  test('the threshold is a setting, and 0 turns it off', async () => {
    const runs = ['0', '100000'].map((ms) => run(['select'], { SIETCH_OTEL_PG_SLOW_QUERY_MS: ms }));
    for (const none of await Promise.all(runs)) expect([...slowLogs(none), ...none.told]).toEqual([]);
  });

  test('holds no values', () => {
    expect(sampled.exit.stderr + sampled.exit.stdout + allText(sampled.receiver.store)).not.toContain('secret');
  });
});

describe('the plan of a slow query', () => {
  test('is asked for on a connection of our own and is under its span, without literals', async () => {
    const kinds = ['plan with a literal', 'plan with a parameter', 'two statements'];
    const { receiver, logs, exit } = await run(kinds, { SIETCH_OTEL_PG_EXPLAIN: 'on' });
    const { spans, metrics } = receiver.store;
    // plan with a literal
    // └─ SELECT orders        the slow one
    //    └─ pg.explain        made when its plan is known
    const planOf = (kind: string) => {
      const slow = spans.find((span) => span.parentSpanId === spanNamed(spans, kind).spanId && isQuery(span));
      return spans.find(({ parentSpanId }) => parentSpanId === slow?.spanId)?.attributes['sietch.pg.plan'];
    };
    expect(planOf('plan with a literal')).toMatch(/^Seq Scan on orders {2}\(cost=[\d.]+ rows=1\)\n {2}Filter: .*note = \?::text/);
    expect(planOf('plan with a parameter')).toMatch(/^Aggregate .*\n {2}->.* on orders .*\n.*\(id = \$1\)/);
    expect(planOf('two statements')).toBeUndefined();
    expect(logs.filter(({ event }) => event === 'sietch.pg.query_plan')).toHaveLength(2);
    expect(
      lastPoint(metrics, 'sietch.pg.side_queries', { 'sietch.pg.side_query.purpose': 'explain', 'sietch.pg.side_query.outcome': 'ok' })
        ?.value,
    ).toBe(2);
    // Our own connection is seen by nobody: no span, no duration record, no event.
    expect(spans.filter(({ attributes }) => /EXPLAIN|ROLLBACK|SHOW/.test(String(attributes['db.query.text'])))).toEqual([]);
    expect(exit.stderr + allText(receiver.store)).not.toContain('secret');
  });
});

describe('who blocks a slow query', () => {
  test('is named by trace while it waits: event, link, log and listener', async () => {
    const { receiver, logs, told, exit } = await run(['blocked'], { SIETCH_OTEL_PG_BLOCKERS: 'on' });
    const { spans } = receiver.store;
    // blocker                 a trace of its own
    // ├─ BEGIN
    // └─ UPDATE orders        holds the row until COMMIT
    // blocked                 another trace
    // ├─ UPDATE orders        waits for it; event and link name the one above
    // └─ COMMIT
    const updatesOf = (parent: string) => {
      const { spanId } = spanNamed(spans, parent);
      return spans.find(({ parentSpanId, name }) => parentSpanId === spanId && name.startsWith('UPDATE'));
    };
    const [holding, waiting] = [updatesOf('blocker'), updatesOf('blocked')];
    expect(holding?.traceId).not.toBe(waiting?.traceId);
    expect(waiting?.links).toEqual([
      expect.objectContaining({ traceId: holding?.traceId, spanId: holding?.spanId, attributes: { 'sietch.link.reason': 'blocked_by' } }),
    ]);
    expect(waiting?.attributes['sietch.pg.wait_event']).toBe('Lock:transactionid');
    expect(waiting?.events.map(({ name }) => name)).toEqual(['sietch.pg.blocked', 'sietch.pg.slow_query']);
    const facts = { 'sietch.pg.blocker.trace_id': holding?.traceId, 'sietch.pg.blocker.state': 'idle in transaction' };
    expect(waiting?.events[0]?.attributes).toMatchObject({
      ...facts,
      'sietch.pg.blocker.query': 'UPDATE orders SET amount = ? WHERE id = ?',
      'sietch.pg.blocker.pid': expect.any(Number),
      'sietch.pg.blocker.since_ms': expect.any(Number),
    });
    expect(logs).toContainEqual(expect.objectContaining({ event: 'sietch.pg.slow_query', span_id: waiting?.spanId, ...facts }));
    expect(told).toContainEqual(expect.objectContaining({ blocker: expect.objectContaining({ traceId: holding?.traceId }) }));
    expect(exit.stderr + exit.stdout + allText(receiver.store)).not.toContain('secret');
  });

  test('is named by its pid when its statement tells no trace', async () => {
    const { receiver } = await run(['blocked by psql'], { SIETCH_OTEL_PG_BLOCKERS: 'on', SIETCH_OTEL_PG_COMMENT: 'traceid' });
    const waiting = receiver.store.spans.find(({ events }) => events.some(({ name }) => name === 'sietch.pg.blocked'));
    expect(waiting?.attributes['sietch.pg.wait_event']).toBe('Lock:relation');
    expect(waiting?.links).toEqual([]);
  });
});
