// What `sietch-otel now` tells of a service that hangs: each of its ways is named, within a second, and no value is among it.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { App } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { freshDatabase, freshRedis } from '../support/servers.ts';
import { ask } from '../support/web-app.ts';
import { Place } from './preloaded.ts';
import { Terminal } from './terminal.ts';

interface State {
  readonly requests: readonly { readonly route?: string; readonly waitsFor: string; readonly traceId?: string; readonly age: number }[];
  readonly jobs: readonly Readonly<Record<string, unknown>>[];
  readonly pools: readonly { readonly name: string; readonly clients: readonly Readonly<Record<string, unknown>>[] }[];
  readonly redis: readonly Readonly<Record<string, unknown>>[];
}

const TRACE = '7d3f0c1e5a8b4d2f9c6e1a0b3d5f7081';
const place = new Place();
let app: App;
let pid: number;
let answer: string;
let state: State;

beforeAll(async () => {
  app = place.app(
    [await freshDatabase(), await freshRedis()],
    { SIETCH_OTEL_STILL_RUNNING_MS: '0', OTEL_TRACES_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' },
    { nodeArgs: ['--expose-gc'] },
    'test/app/hanging.cjs',
  );
  pid = app.pid;
  const port = await app.waitForMessage((message) =>
    typeof message === 'object' && message !== null && 'port' in message ? Number(message.port) : undefined,
  );
  await place.socketOf(pid);
  const url = `http://127.0.0.1:${port}`;
  await ask(`${url}/leak`);
  const paths = ['/promise/7', '/lock/7', '/call', '/fetch', '/wait', '/download', '/events'];
  for (const path of paths) ask(`${url}${path}`, { headers: { traceparent: `00-${TRACE}-00f067aa0ba902b7-01` } }).catch(() => {});
  app.send({ collect: true });
  await eventually('all requests are open', async () => {
    answer = (await place.now('--json', String(pid))).stdout;
    const { processes }: { processes: { state: State }[] } = JSON.parse(answer);
    if (processes[0] !== undefined) state = processes[0].state;
    return state.requests.length === paths.length;
  });
});
afterAll(() => place.clear());

test.each([
  ['/promise/:id', /^no I\/O: running or waiting for a promise$/],
  ['/lock/:id', /^pg UPDATE test_\w+ [\d.]+ m?s$/],
  ['/call', /^GET (?:localhost|127\.0\.0\.1):\d+ [\d.]+ m?s$/],
  ['/fetch', /^GET 127\.0\.0\.1:\d+ [\d.]+ m?s$/],
  ['/wait', /^waiting for a connection of pool 127\.0\.0\.1:\d+\/test_\w+ [\d.]+ m?s$/],
  ['/download', /^streaming the response$/],
  ['/events', /^streaming the response$/],
])('the request of %s and what it waits for', (route, waitsFor) => {
  expect(state.requests.find((request) => request.route === route)).toMatchObject({
    method: 'GET',
    traceId: TRACE,
    age: expect.any(Number),
    waitsFor: expect.stringMatching(waitsFor),
  });
});

test('a job whose processor nobody can wake, with its lock', () => {
  expect(state.jobs).toEqual([
    {
      queue: 'stuck',
      id: '1',
      attempt: 1,
      age: expect.any(Number),
      traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
      step: '40',
      lockExpiresIn: expect.any(Number),
      waitsFor: 'no I/O: running or waiting for a promise',
    },
  ]);
  expect(state.jobs[0]?.['lockExpiresIn']).toBeGreaterThan(0);
  expect(state.jobs[0]?.['lockExpiresIn']).toBeLessThanOrEqual(30);
});

test('a client that was not given back, by its route, idle in its transaction; and the one that waits for a lock', () => {
  const clients = state.pools.flatMap((pool) => pool.clients);
  expect(clients).toContainEqual(
    expect.objectContaining({ holder: 'GET /leak', heldFor: expect.any(Number), idleInTransactionFor: expect.any(Number) }),
  );
  expect(clients).toContainEqual(
    expect.objectContaining({ holder: 'GET /lock/:id', traceId: TRACE, statement: 'UPDATE orders SET note = ? WHERE id = $1' }),
  );
  expect(state.pools).toContainEqual(expect.objectContaining({ library: 'pg', size: 1, max: 1, idle: 0, waiting: 1 }));
});

test('a pool that ends waits for that client, and is shown until it has it', async () => {
  app.send({ endPool: true });
  await app.waitForMessage((message) => (typeof message === 'object' && message !== null && 'ending' in message ? true : undefined));
  const { stdout } = await place.now('--json', String(pid));
  const { processes }: { processes: { state: State }[] } = JSON.parse(stdout);
  expect(processes[0]?.state.pools.flatMap((pool) => pool.clients)).toContainEqual(expect.objectContaining({ holder: 'GET /leak' }));
});

test('a connection of Redis, with the command that blocks it', () => {
  expect(state.redis).toContainEqual(expect.objectContaining({ library: 'ioredis', status: 'ready', inFlight: 1, oldestCommand: 'blpop' }));
});

test('in a terminal each is named', async () => {
  const terminal = new Terminal(place, [String(pid), '--no-color'], { rows: 100, columns: 200 });
  expect((await terminal.rest()).code).toBe('0');
  for (const named of [
    /GET \/promise\/:id +no I\/O: running or waiting for a promise +7d3f0c1e/,
    /GET \/lock\/:id +pg UPDATE test_\w+ [\d.]+ m?s/,
    /GET \/call +GET \S+:\d+ [\d.]+ m?s/,
    /GET \/wait +waiting for a connection of pool/,
    /stuck +1 +1 .*no I\/O: running or waiting for a promise/,
    /GET \/leak +- +[\d.]+ m?s +[0-9a-f]{32}/,
  ]) {
    expect(terminal.drawn).toMatch(named);
  }
  expect(terminal.drawn).not.toContain('kanarie');
});

test('no values', async () => {
  expect(answer + (await place.now(String(pid))).stdout).not.toContain('kanarie');
});

test('in a terminal a blocked event loop is named', async () => {
  app.send({ block: 60_000 });
  const terminal = new Terminal(place, [String(pid), '--no-color']);
  expect((await terminal.rest()).code).toBe('3');
  expect(terminal.drawn).toContain(`pid ${pid} does not answer: its event loop is blocked (for at least 1.0 s)`);
  app.signal('SIGKILL');
});
