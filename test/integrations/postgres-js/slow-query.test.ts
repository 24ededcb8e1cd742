// Plans of slow queries of postgres.js, and who blocks them, as for pg.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Exit, runApp } from '../../support/app.ts';
import { INSTALLING_MS } from '../../support/npm-packages.ts';
import { allText, isQuery, lastPoint, type Receiver, spanNamed, startReceiver } from '../../support/otlp.ts';
import { POSTGRES_JS_VERSIONS, postgresJsProject } from '../../support/postgres-js.ts';
import { freshDatabase } from '../../support/servers.ts';

describe.each(POSTGRES_JS_VERSIONS)('postgres %s', { timeout: INSTALLING_MS }, (version) => {
  let folder: string;
  let receiver: Receiver;
  let exit: Exit;
  beforeAll(async () => {
    folder = await postgresJsProject(version);
    receiver = await startReceiver();
    const app = runApp(join(folder, 'slow.cjs'), {
      args: [await freshDatabase(), 'plan with a literal', 'plan with a parameter', 'two statements', 'again', 'blocked'],
      receiver,
      cwd: folder,
      env: {
        OTEL_METRICS_EXPORTER: 'otlp',
        OTEL_LOGS_EXPORTER: 'otlp',
        SIETCH_OTEL_BANNER: 'off',
        SIETCH_OTEL_PG_EXPLAIN: 'on',
        SIETCH_OTEL_PG_BLOCKERS: 'on',
      },
    });
    exit = await app.waitForExit(60_000);
    expect(exit.code, exit.stderr).toBe(0);
    expect(exit.stdout).toBe('done\n');
  }, INSTALLING_MS);
  afterAll(async () => {
    await receiver.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The statement of this kind. */
  const statementOf = (kind: string, operation: string) => {
    const { spanId } = spanNamed(receiver.store.spans, kind);
    const found = receiver.store.spans.find((span) => span.parentSpanId === spanId && span.name.startsWith(operation));
    if (found === undefined) throw new Error(`no ${operation} under ${kind}`);
    return found;
  };

  // plan with a literal
  // └─ SELECT orders        the slow one
  //    └─ pg.explain        made when its plan is known
  test('the plan is under the span, without literals', () => {
    const { spans, metrics, logs } = receiver.store;
    const planOf = (kind: string) => {
      const slow = statementOf(kind, 'SELECT');
      return spans.find(({ parentSpanId }) => parentSpanId === slow.spanId)?.attributes['sietch.pg.plan'];
    };
    expect(planOf('plan with a literal')).toMatch(/^Seq Scan on orders {2}\(cost=[\d.]+ rows=1\)\n {2}Filter: .*note = \?::text/);
    expect(planOf('plan with a parameter')).toMatch(/^Aggregate .*\n {2}->.* on orders .*\n.*\(id = \$1\)/);
    expect(planOf('two statements')).toBeUndefined();
    const logged = logs
      .filter(({ eventName }) => eventName === 'sietch.pg.query_plan')
      .map(({ attributes }) => attributes['sietch.pg.plan']);
    expect(logged).toEqual(expect.arrayContaining([planOf('plan with a literal'), planOf('plan with a parameter')]));
    expect(
      lastPoint(metrics, 'sietch.pg.side_queries', { 'sietch.pg.side_query.purpose': 'explain', 'sietch.pg.side_query.outcome': 'ok' })
        ?.value,
    ).toBe(logged.length);
    // Our own connection is seen by nobody.
    expect(spans.filter(({ attributes }) => /EXPLAIN|ROLLBACK|SHOW|pg_blocking/.test(String(attributes['db.query.text'])))).toEqual([]);
  });

  // blocker                 a trace of its own
  // ├─ BEGIN
  // └─ UPDATE orders        holds the row until COMMIT
  // blocked                 another trace
  // ├─ UPDATE orders        waits for it; event and link name the one above
  // └─ COMMIT
  test('the blocker is named by trace while the query waits', () => {
    const [holding, waiting] = [statementOf('blocker', 'UPDATE'), statementOf('blocked', 'UPDATE')];
    expect(waiting.links).toEqual([
      expect.objectContaining({ traceId: holding.traceId, spanId: holding.spanId, attributes: { 'sietch.link.reason': 'blocked_by' } }),
    ]);
    expect(waiting.attributes['sietch.pg.wait_event']).toBe('Lock:transactionid');
    expect(waiting.events.map(({ name }) => name)).toEqual(['sietch.pg.blocked', 'sietch.pg.slow_query']);
    const facts = { 'sietch.pg.blocker.trace_id': holding.traceId, 'sietch.pg.blocker.state': 'idle in transaction' };
    expect(waiting.events[0]?.attributes).toMatchObject({
      ...facts,
      'sietch.pg.blocker.query': 'update orders set amount = ? where id = ?',
    });
    const record = receiver.store.logs.find(({ spanId, eventName }) => spanId === waiting.spanId && eventName === 'sietch.pg.slow_query');
    expect(record?.attributes).toMatchObject(facts);
  });

  test('a statement that is slow again says where its template stands', () => {
    const { spanId } = spanNamed(receiver.store.spans, 'again');
    const stacks = receiver.store.spans
      .filter((span) => span.parentSpanId === spanId && isQuery(span))
      .map(({ attributes }) => attributes['code.stacktrace']);
    expect(stacks).toEqual([undefined, expect.stringMatching(/at loadInvoice \(.*slow\.cjs:\d+:\d+\)$/)]);
  });

  test('no literal leaves', () => {
    expect(exit.stderr + allText(receiver.store)).not.toContain('secret');
  });
});
