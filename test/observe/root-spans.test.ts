// Statements and commands without a parent: by default a trace of their own only where they fail or are slow.
import { expect, test } from 'vitest';
import { runApp } from '../support/app.ts';
import { INSTALLING_MS } from '../support/npm-packages.ts';
import { type Attributes, lastPoint, type Receiver, type Span, spanNamed, spanTree, startReceiver } from '../support/otlp.ts';
import { findForTest } from '../support/requirements.ts';
import { freshDatabase, freshRedis } from '../support/servers.ts';
import { ormModules } from '../webhooks/orms.ts';

interface Run {
  spans: readonly Span[];
  /** `name`, with `error.type` where there is one, of the spans that are the only one of their trace. */
  alone: string[];
  /** Names of the spans below the app's own. */
  below: string[];
  countOf(attributes: Attributes): number | undefined;
  stdout: string;
}

async function run(file: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<Run> {
  const receiver = await startReceiver();
  try {
    const app = runApp(file, { args, receiver, env: { OTEL_METRICS_EXPORTER: 'otlp', OTEL_LOGS_EXPORTER: 'otlp', ...env } });
    const { code, stdout, stderr } = await app.waitForExit();
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    return read(receiver, stdout);
  } finally {
    await receiver.close();
  }
}

function read({ store: { spans, metrics } }: Receiver, stdout: string): Run {
  const work = spanNamed(spans, 'work');
  const describe = ({ name, attributes }: Span) => `${name.split(' ')[0]} ${attributes['error.type'] ?? ''}`.trim();
  return {
    spans,
    alone: spans.filter(({ traceId }) => traceId !== work.traceId).map(describe),
    below: spans.filter(({ parentSpanId }) => parentSpanId === work.spanId).map(describe),
    countOf: (attributes) => lastPoint(metrics, 'db.client.operation.duration', attributes)?.count,
    stdout,
  };
}

const operations = async (env: Readonly<Record<string, string>> = {}) =>
  run('test/app/root-operations.cjs', [await freshDatabase(), await freshRedis()], env);

const repeat = (times: number, ...names: string[]) => Array.from({ length: times }, () => names).flat();
const FAILED_OR_SLOW = ['SELECT 22012', 'lpush WRONGTYPE', 'SELECT', 'del'];
const ALL = [...repeat(3, 'SELECT', 'set'), 'client', 'connect', 'quit', ...FAILED_OR_SLOW];

//   SELECT                 ✗ 22012      a trace
//   lpush                  ✗ WRONGTYPE  a trace
//   SELECT                 ≥ 100 ms     a trace
//   del                    ≥ 100 ms     a trace
//   work                                a trace
//   ├─ SELECT
//   └─ get
test.each([
  ['errors', 'by default', {}, FAILED_OR_SLOW],
  ['errors', 'asking the sampler', { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '1' }, FAILED_OR_SLOW],
  ['errors', 'with nothing slow', { SIETCH_OTEL_PG_SLOW_QUERY_MS: '0', SIETCH_OTEL_REDIS_SLOW_MS: '0' }, FAILED_OR_SLOW.slice(0, 2)],
  ['all', 'that succeed too', { SIETCH_OTEL_DB_ROOT_SPANS: 'all' }, ALL],
  ['off', 'not even those that fail', { SIETCH_OTEL_DB_ROOT_SPANS: 'off' }, []],
])('%s, %s: which operations without a parent are traces', async (_value, _how, env, expected) => {
  const { alone, below, countOf } = await operations(env);
  expect(alone.sort()).toEqual(expected.toSorted());
  expect(below.sort()).toEqual(['SELECT', 'get']);
  expect(countOf({ 'db.operation.name': 'SELECT' })).toBe(5);
  expect(countOf({ 'db.operation.name': 'set' })).toBe(3);
});

test('a slow statement without a parent: its span starts at the call, and the server knew its trace', async () => {
  const { spans, stdout } = await operations();
  const slow = spans.find(({ events }) => events.some(({ name }) => name === 'sietch.pg.slow_query'));
  expect(slow?.parentSpanId).toBe('');
  expect(stdout).toContain(`traceparent='00-${slow?.traceId}-${slow?.spanId}-01'`);
  expect(Number(slow?.endTimeUnixNano) - Number(slow?.startTimeUnixNano)).toBeGreaterThanOrEqual(120_000_000);
});

test('the sampler has the last word on those that fail or are slow', async () => {
  const env = { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' };
  const receiver = await startReceiver();
  const args = [await freshDatabase(), await freshRedis()];
  const app = runApp('test/app/root-operations.cjs', { args, receiver, env });
  const { code, stdout } = await app.waitForExit();
  await receiver.close();
  expect({ code, spans: receiver.store.spans }).toEqual({ code: 0, spans: [] });
  expect(stdout).not.toContain('traceparent');
});

//   work
//   └─ SELECT …
test('the start of an ORM makes no traces', { timeout: INSTALLING_MS }, async () => {
  const env = { MODULES: await findForTest('TypeORM', ormModules), SIETCH_OTEL_PG_SLOW_QUERY_MS: '60000' };
  const { spans, countOf } = await run('test/app/orm-start.cjs', [await freshDatabase()], env);
  expect(spanTree(spans)).toMatchObject([{ name: 'work', children: [{ name: expect.stringContaining('SELECT'), children: [] }] }]);
  expect(countOf({ 'db.operation.name': 'CREATE' })).toBe(4);
});
