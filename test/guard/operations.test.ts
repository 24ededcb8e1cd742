// What an operation sends, by number: spans, and bytes of OTLP. A bound on bytes is what was counted when it was written, and a fifth more; whoever needs
// more raises it here, and says why in the commit. The work is that of the benchmark.
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Candidate } from '../../bench/candidates.ts';
import { SCENARIOS, type Scenario } from '../../bench/scenarios.ts';
import { type Servers, startServers } from '../../bench/servers.ts';
import { type Measurement, runWorkload } from '../../bench/workload.ts';
import { ROOT } from '../support/checkout.ts';

const OPERATIONS = 200;

const checkout: Candidate = {
  name: 'sietch',
  packages: {},
  preload: ['--require', join(ROOT, 'dist/register.js')],
  env: (url) => ({
    // On a busy machine what a client does at its start is slow.
    SIETCH_OTEL_DB_ROOT_SPANS: 'off',
    OTEL_SERVICE_NAME: 'bench',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_EXPORTER_PROMETHEUS_PORT: '0',
  }),
};

let servers: Servers;
beforeAll(async () => {
  servers = await startServers(() => {});
});
afterAll(async () => {
  await servers?.stop();
});

/** One request that asks for so many operations, or, to an endpoint, so many requests. */
async function runOnce(name: string, change: Partial<Scenario> = { requests: [1, 1], operations: OPERATIONS }): Promise<Measurement> {
  const scenario = SCENARIOS.find((each) => each.name === name);
  if (scenario === undefined) throw new Error(`no scenario ${name}`);
  const place = { ...servers.place, folder: join(ROOT, 'bench'), quick: false };
  return runWorkload(checkout, { ...scenario, warmUp: [0, 0], ...change }, place);
}

test.each([
  // Counted: 356, 356, 244, 253 and 901 bytes, the request's own span included. Of pg-pool and ioredis one span may tell of the opening of the connection.
  ['pg', 1, 0, 427],
  ['pg-pool', 1, 1, 427],
  ['redis', 1, 1, 293],
  ['redis-pipeline', 1, 1, 304],
  ['queue', 2, 2, 1082],
])('%s: %i span(s) an operation, and few bytes', async (name, spans, opened, mostBytes) => {
  const { spans: arrived, bytes } = await runOnce(name);
  const expected = 1 + OPERATIONS * spans;
  expect(arrived).toBeGreaterThanOrEqual(expected);
  expect(arrived).toBeLessThanOrEqual(expected + opened);
  expect(bytes / OPERATIONS).toBeLessThanOrEqual(mostBytes);
});

test('a breaker makes no spans', async () => {
  expect((await runOnce('circuit')).spans).toBe(1);
});

test('an endpoint makes one span for itself and one for each of its calls', async () => {
  const { spans } = await runOnce('endpoint', { requests: [50, 50], connections: 1 });
  expect(spans).toBeGreaterThanOrEqual(50 * 4);
  // One connection of the pool is opened while a request waits.
  expect(spans).toBeLessThanOrEqual(50 * 4 + 1);
});

test('what is not sampled sends nothing', async () => {
  const { spans } = await runOnce('pg-unsampled', { requests: [100, 100], operations: 5 });
  expect(spans).toBe(1 + 5);
});
