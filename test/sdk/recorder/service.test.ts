// The flight recorder in a service of its own process, by each reason; head sampling keeps nothing.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type App, type Exit, runApp } from '../../support/app.ts';
import { allText, lastPoint, type Receiver, type Span, type SpanNode, spanTree, startReceiver, type Trace } from '../../support/otlp.ts';
import { freshDatabase, freshRedis } from '../../support/servers.ts';

interface Service {
  readonly app: App;
  readonly receiver: Receiver;
  get(path: string): Promise<{ status: number; text: string }>;
}

/** On a machine that is busy any request may be. */
const NOTHING_IS_SLOW = { SIETCH_OTEL_RECORDER_SLOW_MS: '0', SIETCH_OTEL_PG_SLOW_QUERY_MS: '0', SIETCH_OTEL_REDIS_SLOW_MS: '0' };

const receivers: Receiver[] = [];
afterAll(async () => {
  for (const receiver of receivers) await receiver.close();
});

async function startService(env: Record<string, string> = {}): Promise<Service> {
  const receiver = await startReceiver();
  receivers.push(receiver);
  const app = runApp('test/app/recorder.cjs', {
    receiver,
    env: {
      DATABASE_URL: await freshDatabase(),
      REDIS_URL: await freshRedis(),
      OTEL_TRACES_SAMPLER: 'always_off',
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_BSP_SCHEDULE_DELAY: '50',
      SIETCH_OTEL_RECORDER: 'on',
      ...NOTHING_IS_SLOW,
      ...env,
    },
  });
  const [, port] = await app.waitForLine(/listening on (\d+)/);
  return {
    app,
    receiver,
    async get(path) {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined);
      return { status: answer?.status ?? 0, text: (await answer?.text()) ?? '' };
    },
  };
}

/** A span as `name reason`, its children below. */
function shape({ name, status, children }: SpanNode): unknown {
  const title = status === 'ERROR' ? `${name} ERROR` : name;
  return children.length === 0 ? title : { [title]: children.map(shape) };
}

/** What every request does first. */
const BEFORE = ['SELECT', 'get'];

function rootOf(spans: readonly Span[]): Span {
  const root = spans.find(({ kind }) => kind === 'SERVER');
  if (root === undefined) throw new Error(`no server span among ${spans.map(({ name }) => name).join(', ')}`);
  return root;
}

/** In the order of the requests. */
function tracesOf({ receiver }: Service): Trace[] {
  return receiver.store.traces().sort((a, b) => Number((a.spans[0]?.startTimeUnixNano ?? 0n) - (b.spans[0]?.startTimeUnixNano ?? 0n)));
}

let service: Service;
let exit: Exit;

/*
 * GET                         SERVER, sietch.keep.reason
 * ├─ pg.pool.connect?         (not asserted where it is not there)
 * ├─ SELECT
 * ├─ get
 * └─ what gives the reason
 */
const REASONS = [
  ['/fail', 'error', 500],
  ['/status', 'error', 200],
  ['/log', 'log_error', 200],
  ['/keep', 'app', 200],
  ['/open-breaker', 'circuit_open', 500],
  ['/late', 'app', 200],
] as const;

beforeAll(async () => {
  service = await startService();
  for (const path of ['/ok', '/warning', '/breaker', '/ok']) expect((await service.get(path)).status).toBe(200);
  for (const [path, , status] of REASONS) expect((await service.get(path)).status, path).toBe(status);
  await service.receiver.store.waitFor((store) => store.traces().length >= REASONS.length);
  exit = await service.app.stop();
}, 60_000);

test('only the traces with a reason are sent', () => {
  expect(exit).toMatchObject({ code: 0 });
  const kept = tracesOf(service).map(({ spans }) => {
    const { attributes } = rootOf(spans);
    return [attributes['url.path'], attributes['sietch.keep.reason']];
  });
  expect(kept).toEqual(REASONS.map(([path, reason]) => [path, reason]));
});

test('each is whole', () => {
  const trees = Object.fromEntries(
    tracesOf(service).map(({ spans }) => [rootOf(spans).attributes['url.path'], spanTree(spans).map(shape)]),
  );
  for (const [path] of REASONS) {
    const [root] = trees[path] ?? [];
    expect(JSON.stringify(root), path).toContain(BEFORE[0]);
    expect(JSON.stringify(root), path).toContain(BEFORE[1]);
    expect(trees[path], path).toHaveLength(1);
  }
  expect(JSON.stringify(trees['/fail'])).toMatch(/"SELECT[^"]* ERROR"/);
});

// GET               SERVER, sietch.keep.reason
// ├─ SELECT
// ├─ get
// └─ what is slow   one threshold is set at a time
test.each([
  ['/slow', 'slow', 'SIETCH_OTEL_RECORDER_SLOW_MS', /"SELECT.*get/],
  ['/slow-query', 'slow_query', 'SIETCH_OTEL_PG_SLOW_QUERY_MS', /"SELECT.*get.*SELECT/],
  ['/slow-command', 'slow_command', 'SIETCH_OTEL_REDIS_SLOW_MS', /"SELECT.*get.*eval/],
])('%s is kept as %s', async (path, reason, setting, tree) => {
  const { app, receiver, get } = await startService({ [setting]: '100' });
  await get(path);
  await receiver.store.waitFor((store) => store.traces().length > 0);
  const [trace] = receiver.store.traces();
  const spans = trace?.spans ?? [];
  expect(rootOf(spans).attributes['sietch.keep.reason']).toBe(reason);
  expect(JSON.stringify(spanTree(spans).map(shape))).toMatch(tree);
  await app.stop();
});

test('says why in the words of the app, and nothing of what is secret', () => {
  const roots = tracesOf(service).map(({ spans }) => rootOf(spans).attributes);
  expect(roots.find((root) => root['url.path'] === '/keep')).toMatchObject({ 'sietch.keep.why': 'a large order' });
  expect(allText(service.receiver.store)).not.toContain('411112233');
});

test('is counted', () => {
  const { metrics } = service.receiver.store;
  const count = (name: string, attributes = {}) => lastPoint(metrics, name, attributes)?.value;
  const recorded = Number(count('sietch.recorder.recorded'));
  expect(recorded).toBeGreaterThanOrEqual(REASONS.length + 4);
  expect(count('sietch.recorder.traces', { 'sietch.recorder.outcome': 'kept' })).toBe(REASONS.length);
  expect(count('sietch.recorder.traces', { 'sietch.recorder.outcome': 'process_end' })).toBe(recorded - REASONS.length);
  expect(count('sietch.recorder.kept', { 'sietch.keep.reason': 'error' })).toBe(2);
  expect(count('sietch.recorder.bytes')).toBe(0);
});

/*
 * GET ──────────────── ERROR, sietch.keep.reason=uncaught, event exception
 * ├─ SELECT
 * └─ get
 */
test('the trace in which an uncaught error ends the process is sent whole', async () => {
  const { app, receiver, get } = await startService({ OTEL_BSP_SCHEDULE_DELAY: '60000' });
  await get('/ok');
  const answer = get('/crash');
  expect(await app.waitForExit()).toMatchObject({ code: 1 });
  await answer;
  const traces = receiver.store.traces();
  expect(traces).toHaveLength(1);
  const spans = traces[0]?.spans ?? [];
  const root = rootOf(spans);
  expect(root).toMatchObject({ status: { code: 'ERROR' }, attributes: { 'url.path': '/crash', 'sietch.keep.reason': 'uncaught' } });
  expect(root.events.map(({ name }) => name)).toContain('exception');
  expect(JSON.stringify(spanTree(spans).map(shape))).toMatch(/"SELECT.*get/);
  expect(allText(receiver.store)).not.toContain('411112233');
});

test('answers, headers and log lines are those of an unsampled trace', async () => {
  const { app, get } = await startService();
  const recorded: unknown = JSON.parse((await get('/ok')).text);
  const kept: unknown = JSON.parse((await get('/keep')).text);
  expect([recorded, kept]).toMatchObject([{ sampled: false }, { sampled: true }]);
  await app.stop();
});

test('what is head-sampled says the probability, what is kept does not', async () => {
  const { app, receiver, get } = await startService({ OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.5' });
  for (let i = 0; i < 20; i++) await get('/keep');
  await receiver.store.waitFor((store) => store.traces().length >= 20);
  await app.stop();
  for (const { spans } of receiver.store.traces()) {
    const { attributes, traceId } = rootOf(spans);
    const isHead = attributes['sietch.keep.reason'] === undefined;
    expect(traceId.slice(18) >= '8').toBe(isHead);
    for (const { traceState } of spans) expect(traceState.includes('ot=th:8')).toBe(isHead);
  }
});

test('OTEL_NODE_EXPERIMENTAL_SDK_METRICS does not switch it off', async () => {
  const { app, get, receiver } = await startService({ OTEL_NODE_EXPERIMENTAL_SDK_METRICS: 'true' });
  await get('/fail');
  await receiver.store.waitFor((store) => store.traces().length === 1);
  await app.stop();
});

test('where traces are not exported it is off, which one line says', async () => {
  const { app, get } = await startService({ OTEL_TRACES_EXPORTER: 'none' });
  await get('/ok');
  const { stderr } = await app.stop();
  expect(stderr.match(/SIETCH288/g)).toHaveLength(1);
});
