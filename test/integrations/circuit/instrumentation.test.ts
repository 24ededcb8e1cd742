import { afterEach, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { lastPoint, type Receiver, startReceiver } from '../../support/otlp.ts';
import { type CircuitApp, seriesValue, startCircuitApp } from './circuit-app.ts';
import { type FlakyServer, startFlakyServer } from './flaky-server.ts';

const toStop: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(toStop.splice(0).map((stop) => stop()));
});

async function start(env: Record<string, string> = {}): Promise<{ circuit: CircuitApp; upstream: FlakyServer; receiver: Receiver }> {
  const [upstream, receiver] = await Promise.all([startFlakyServer(), startReceiver()]);
  const circuit = await startCircuitApp('test/app/circuit-cycle.cjs', { args: [upstream.url], receiver, env });
  toStop.push(
    () => circuit.app.stop(),
    () => upstream.close(),
    () => receiver.close(),
  );
  return { circuit, upstream, receiver };
}

const state = async (circuit: CircuitApp) => seriesValue(await circuit.scrape(), 'sietch_paddle_circuit_state');

test('sietch_paddle_circuit_state is 0, 1, 0.5, 1, 0.5, 0 while the upstream fails, hangs and recovers', async () => {
  const { circuit, upstream } = await start();
  expect((await circuit.fire()).result).toBe('well');
  expect(await state(circuit)).toBe(0);

  upstream.behaviour = 'fail';
  for (let call = 0; call < 2; call++) expect((await circuit.fire()).code).toBe('secret-503');
  expect(await state(circuit)).toBe(1);
  expect((await circuit.fire()).code).toBe('EOPENBREAKER');

  upstream.behaviour = 'hang';
  await eventually('half-open', async () => (await state(circuit)) === 0.5);
  expect((await circuit.fire()).code).toBe('ETIMEDOUT');
  expect(await state(circuit)).toBe(1);

  upstream.behaviour = 'well';
  await eventually('half-open again', async () => (await state(circuit)) === 0.5);
  expect((await circuit.fire()).result).toBe('well');
  expect(await state(circuit)).toBe(0);

  const text = await circuit.scrape();
  const calls = (outcome: string) =>
    seriesValue(text, 'sietch_circuit_breaker_calls_total', {
      sietch_circuit_breaker_name: 'paddle',
      sietch_circuit_breaker_outcome: outcome,
    });
  expect(['success', 'failure', 'timeout', 'rejected', 'ignored', 'at_capacity'].map(calls)).toEqual([2, 2, 1, 1, 0, 0]);
  const entered = (to: string) =>
    seriesValue(text, 'sietch_circuit_breaker_transitions_total', {
      sietch_circuit_breaker_name: 'paddle',
      sietch_circuit_breaker_state: to,
    });
  expect(['open', 'half_open', 'closed'].map(entered)).toEqual([2, 2, 1]);
  expect(
    seriesValue(text, 'sietch_circuit_breaker_call_duration_seconds_count', {
      sietch_circuit_breaker_name: 'paddle',
      sietch_circuit_breaker_outcome: 'timeout',
    }),
  ).toBe(1);
  expect(
    seriesValue(text, 'sietch_circuit_breaker_call_duration_seconds_sum', {
      sietch_circuit_breaker_name: 'paddle',
      sietch_circuit_breaker_outcome: 'timeout',
    }),
  ).toBeGreaterThanOrEqual(1.4);
  expect(seriesValue(text, 'sietch_circuit_breaker_failure_rate_ratio', { sietch_circuit_breaker_name: 'paddle' })).toBeCloseTo(3 / 5);

  await circuit.command('shutdown');
  expect(await state(circuit)).toBeNaN();
});

test('the log line on open names the failing calls by traces that were received, and no message of an error', async () => {
  const { circuit, upstream, receiver } = await start();
  upstream.behaviour = 'fail';
  const calls = [await circuit.fire(), await circuit.fire(), await circuit.fire()];
  const line = await circuit.app.waitForLine(/^\{.*"event":"sietch\.circuit_breaker\.open".*\}$/);
  const event: Record<string, unknown> = JSON.parse(line[0]);
  const traceIds = calls.map(({ traceId }) => traceId ?? '');
  expect(event).toMatchObject({
    level: 50,
    msg: 'circuit breaker opened',
    'sietch.circuit_breaker.name': 'paddle',
    'sietch.circuit_breaker.reason': 'failure_rate',
    'sietch.circuit_breaker.failure_rate': 1,
    'sietch.circuit_breaker.failure.errors': ['Error', 'Error', 'Error'],
    'sietch.circuit_breaker.failure.trace_ids': traceIds,
    trace_id: traceIds[2],
  });
  const nextProbe = Date.parse(String(event['sietch.circuit_breaker.next_probe']));
  expect(nextProbe - Number(event['time'])).toBeGreaterThan(1400);

  // call                    attributes: name, state closed, outcome failure; the last one has the event "open"
  for (const traceId of traceIds) {
    const spans = await receiver.store.waitForTrace(traceId, (received) => received.some(({ name }) => name === 'call'));
    const call = spans.find(({ name }) => name === 'call');
    expect(call?.attributes).toMatchObject({
      'sietch.circuit_breaker.name': 'paddle',
      'sietch.circuit_breaker.state': 'closed',
      'sietch.circuit_breaker.outcome': 'failure',
    });
    const events = call?.events.map(({ name }) => name);
    expect(events).toEqual(traceId === traceIds[2] ? ['sietch.circuit_breaker.open'] : []);
  }
  expect(circuit.app.stderr).not.toContain('secret-');
  const exemplars = (await circuit.scrape('application/openmetrics-text')).matchAll(
    /_call_duration_seconds_bucket\{.*# \{trace_id="(\w+)"/g,
  );
  expect(traceIds).toContain([...exemplars].at(-1)?.[1]);
});

test('OTEL_METRICS_EXEMPLAR_FILTER=always_off silences those of breakers too', async () => {
  const { circuit } = await start({ OTEL_METRICS_EXEMPLAR_FILTER: 'always_off' });
  await circuit.fire();
  const text = await circuit.scrape('application/openmetrics-text');
  expect(text).toMatch(
    /^sietch_circuit_breaker_call_duration_seconds_count\{sietch_circuit_breaker_name="paddle",sietch_circuit_breaker_outcome="success",.*\} 1$/m,
  );
  expect(text).not.toContain('trace_id');
});

test('delta temporality: a push tells the calls since the last one', async () => {
  const { circuit, receiver } = await start({
    OTEL_METRICS_EXPORTER: 'prometheus,otlp',
    OTEL_METRIC_EXPORT_INTERVAL: '200',
    OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta',
  });
  const told = () =>
    receiver.store.metrics
      .filter(({ name }) => name === 'sietch.circuit_breaker.call.duration')
      .map((metric) => [metric.temporality, metric.points.map(({ count }) => count)]);
  for (let call = 1; call <= 2; call++) {
    await circuit.fire();
    await eventually(`push ${call}`, () => told().length >= call);
  }
  expect(told()).toEqual([
    ['DELTA', [1]],
    ['DELTA', [1]],
  ]);
  expect(seriesValue(await circuit.scrape(), 'sietch_circuit_breaker_call_duration_seconds_count')).toBe(2);
});

test.each(['http/json', 'http/protobuf'])(
  'a breaker that is shut down is NaN over %s too, and the others arrive with it',
  async (protocol) => {
    const { circuit, receiver } = await start({ OTEL_METRICS_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_PROTOCOL: protocol });
    await circuit.fire();
    const state = () =>
      lastPoint(receiver.store.metrics, 'sietch.circuit_breaker.state', { 'sietch.circuit_breaker.name': 'paddle' })?.value;
    await eventually('the state', () => state() === 0);
    await circuit.command('shutdown');
    await eventually('the new state', () => Number.isNaN(state()));
    expect(
      lastPoint(receiver.store.metrics, 'sietch.circuit_breaker.calls', {
        'sietch.circuit_breaker.name': 'paddle',
        'sietch.circuit_breaker.outcome': 'success',
      })?.value,
    ).toBe(1);
  },
);
