// Rows about what is not in the SDK: upstream's packages of it, used with the distribution.
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Servers } from '../doctor/servers.ts';
import { runApp } from '../support/app.ts';
import { cacheDirectory } from '../support/cache.ts';
import { INSTALLING_MS, installedPackages } from '../support/npm-packages.ts';
import { startReceiver } from '../support/otlp.ts';

const VERSION = '0.222.0';
const PACKAGES = {
  '@opentelemetry/api': '1.9.0',
  '@opentelemetry/propagator-env-carrier': VERSION,
  '@opentelemetry/sampler-composite': VERSION,
  '@opentelemetry/sampler-jaeger-remote': VERSION,
  '@opentelemetry/sdk-trace': '2.11.0',
};

const servers = new Servers();
afterAll(() => servers.close());
let modules: string;
beforeAll(async () => {
  modules = await installedPackages(join(cacheDirectory('libraries'), `upstream-packages-${VERSION}`), PACKAGES);
}, INSTALLING_MS);

async function run(name: string, env: Readonly<Record<string, string>> = {}) {
  const receiver = await startReceiver();
  const options = { args: [name], preload: 'none', receiver } as const;
  const app = runApp('test/app/conformance/upstream-packages.cjs', { ...options, env: { ...env, PACKAGES: modules } });
  const { code, stderr, stdout } = await app.waitForExit();
  await receiver.close();
  expect(code, stderr).toBe(0);
  const spans = receiver.store.spans.filter((span) => span.scope.name === 'conformance');
  return { spans, printed: JSON.parse(stdout) };
}

// order       half of them; `th` says so
// └─ payment  as the order
test('CompositeSampler and built-in ComposableSamplers', async () => {
  const { spans } = await run('composite');
  const orders = spans.filter(({ name }) => name === 'order');
  // Less than 60 of 200, or more than 140, has a probability of one in a hundred million.
  expect(Math.abs(orders.length - 100)).toBeLessThan(40);
  expect(orders.map(({ traceState, attributes }) => [traceState, attributes['rule']])).toEqual(orders.map(() => ['ot=th:8', 'half']));
  const payments = spans.filter(({ name }) => name === 'payment');
  expect(payments.map(({ traceId, traceState }) => [traceId, traceState]).sort()).toEqual(
    orders.map(({ traceId, traceState }) => [traceId, traceState]).sort(),
  );
  expect(spans.filter(({ name }) => name === 'health')).toEqual([]);
});

// order       none, until Jaeger is asked and wants all
// └─ payment
test('Sampler: JaegerRemoteSampler', async () => {
  const asked: (string | undefined)[] = [];
  const server = createServer(({ url }, response) => {
    asked.push(url);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ strategyType: 'PROBABILISTIC', probabilisticSampling: { samplingRate: 1 } }));
  });
  const { spans } = await run('jaeger', { JAEGER: `http://${await servers.listen(server)}` });
  expect(asked[0]).toBe('/sampling?service=shop');
  expect(spans.map(({ name }) => name).sort()).toEqual(['order', 'payment']);
});

// deploy        the parent, in TRACEPARENT
// └─ job        in the TRACEPARENT of its own child processes
test('Environment Variables as Context Propagation Carriers', async () => {
  const [traceId, parentSpanId] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'];
  const env = { TRACEPARENT: `00-${traceId}-${parentSpanId}-01`, TRACESTATE: 'vendor=ci', BAGGAGE: 'run=42' };
  const { spans, printed } = await run('carrier', env);
  expect(spans).toMatchObject([{ name: 'job', traceId, parentSpanId, traceState: 'vendor=ci' }]);
  expect(printed).toMatchObject({ ...env, TRACEPARENT: `00-${traceId}-${spans[0]?.spanId}-01` });
});
