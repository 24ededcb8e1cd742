// Pools: whose trace a query is in when connections are scarce, how long callers waited, how many connections there are.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type App, runApp } from '../../support/app.ts';
import { eventually } from '../../support/eventually.ts';
import { isQuery, lastPoint, type Receiver, type Span, spanNamed, startReceiver } from '../../support/otlp.ts';
import { freshDatabase } from '../../support/servers.ts';

let receiver: Receiver;
let app: App;
let database: string;
let pool: string;
beforeAll(async () => {
  receiver = await startReceiver();
  const url = await freshDatabase();
  const { hostname, port, pathname } = new URL(url);
  database = pathname.slice(1);
  pool = `${hostname}:${port}/${database}`;
  const env = { OTEL_METRICS_EXPORTER: 'otlp', SIETCH_OTEL_PG_CONNECT_SPANS: 'on' };
  app = runApp('test/app/pg-pools.js', { args: [url], receiver, env });
  await app.waitForLine(/^used 4 idle 1/);
});
afterAll(async () => {
  await app.stop();
  await receiver.close();
});

const gauge = (name: string, attributes = {}) =>
  lastPoint(receiver.store.metrics, name, { 'db.client.connection.pool.name': pool, ...attributes })?.value;
const childrenOf = (name: string): Span[] => {
  const parent = spanNamed(receiver.store.spans, name);
  return receiver.store.spans.filter(({ parentSpanId }) => parentSpanId === parent.spanId);
};
const namesOf = (parent: string) => childrenOf(parent).map(({ name }) => name.replace(` ${database}`, ''));

test('gauges are right with several pools of one database, and go to 0 when they end', async () => {
  const counts = () => [
    gauge('db.client.connection.count', { 'db.client.connection.state': 'used' }),
    gauge('db.client.connection.count', { 'db.client.connection.state': 'idle' }),
    gauge('db.client.connection.pending_requests'),
    gauge('db.client.connection.limit'),
  ];
  await eventually('the gauges tell what the app holds', () => counts().join() === '4,1,2,7');
  app.send({});
  await app.waitForLine(/^all ended$/);
  await eventually('the gauges tell that nothing is left', () => counts().join() === '0,0,0,0');
  app.send({});
  expect(await app.waitForExit()).toMatchObject({ code: 0 });
});

test('each caller that waited goes on in its own context', () => {
  for (const form of ['by promise', 'by callback', 'by callback, then', 'by query', 'by query with callback']) {
    expect(app.stdout).toContain(`${form}: ${form.replace(', then', '')}\n`);
  }
  expect(app.stdout).toContain('notification: none\n');
});

test('each query is in the trace of its caller, with the time it waited', () => {
  // by promise                the first in the queue: the connection is made for it
  // ├─ pg.connect
  // └─ SELECT
  expect(namesOf('by promise').sort()).toEqual(['SELECT', 'pg.connect']);
  for (const form of ['by callback', 'by query', 'by query with callback']) expect(namesOf(form)).toEqual(['SELECT']);
  expect(namesOf('releaser')).toEqual(['SELECT']);
  for (const form of ['by promise', 'by callback', 'by query', 'by query with callback']) {
    const [query] = childrenOf(form).filter(isQuery);
    expect(Number(query?.attributes['sietch.pg.pool.wait'])).toBeGreaterThan(0.04);
  }
  const waits = lastPoint(receiver.store.metrics, 'db.client.connection.wait_time', { 'db.client.connection.pool.name': pool });
  expect(waits?.explicitBounds?.[0]).toBe(0.001);
  // One for each that got a connection: the first, four that waited, and those of the other pools.
  expect(waits?.count).toBeGreaterThanOrEqual(6);
});

test('a query that gets no connection is a span and a record of its own, with the reason', () => {
  expect(childrenOf('full, query')).toEqual([expect.objectContaining({ name: 'SELECT', status: { code: 'ERROR', message: '' } })]);
  const [refused] = childrenOf('refused, query').filter(isQuery);
  expect(refused).toMatchObject({ name: 'SELECT', attributes: { 'error.type': 'ECONNREFUSED', 'server.port': 1 } });
  const { metrics } = receiver.store;
  const attributes = { 'db.namespace': 'nowhere', 'db.operation.name': 'SELECT', 'error.type': 'ECONNREFUSED' };
  expect(lastPoint(metrics, 'db.client.operation.duration', attributes)?.count).toBe(1);
  expect(lastPoint(metrics, 'db.client.operation.duration', { 'db.namespace': database, 'error.type': 'Error' })?.count).toBe(1);
});

test('a wait that ends without a connection, and a connection that fails, are spans', () => {
  expect(childrenOf('full, connect')).toEqual([
    expect.objectContaining({ name: 'pg-pool.connect', status: { code: 'ERROR', message: '' } }),
  ]);
  const [wait] = childrenOf('full, connect');
  expect(Number((wait?.endTimeUnixNano ?? 0n) - (wait?.startTimeUnixNano ?? 0n))).toBeGreaterThan(40_000_000);
  expect(childrenOf('refused, client')).toEqual([
    expect.objectContaining({ name: 'pg.connect', attributes: expect.objectContaining({ 'error.type': 'ECONNREFUSED' }) }),
  ]);
});

test('where no client can be made, the pool throws as it does without us, and nobody is said to wait', async () => {
  const env = { OTEL_TRACES_EXPORTER: 'none', SIETCH_OTEL_STILL_RUNNING_MS: '50' };
  const apps = [runApp('test/app/pg-bad-pool.cjs', { preload: 'none' }), runApp('test/app/pg-bad-pool.cjs', { env })];
  try {
    const [bare, observed] = await Promise.all(
      apps.map(async (each) => {
        await each.waitForLine(/^waits$/);
        return each;
      }),
    );
    expect(observed?.stdout).toBe(bare?.stdout);
    expect(observed?.stdout).toContain('connect() threw ERR_INVALID_URL\n');
    await eventually('what waits is reported', () => observed?.stderr.includes('/silent'));
    expect(observed?.stderr).not.toContain('unknown_host');
  } finally {
    await Promise.all(apps.map((each) => each.stop()));
  }
});
