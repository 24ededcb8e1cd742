import { afterEach, beforeEach, expect, test } from 'vitest';
import { type App, runApp } from '../../support/app.ts';
import { type Receiver, spanNamed, spanTree, startReceiver } from '../../support/otlp.ts';

let receiver: Receiver;
let app: App;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(async () => {
  await app.stop();
  await receiver.close();
});

async function run(env: Record<string, string> = {}): Promise<Record<string, string>> {
  app = runApp('test/app/circuit-traces.cjs', { receiver, env });
  const { code, stdout, stderr } = await app.waitForExit();
  expect(code).toBe(0);
  expect(stderr).not.toContain('secret');
  expect(stderr).not.toMatch(/ warn | error /);
  return Object.fromEntries(
    stdout
      .trim()
      .split('\n')
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), line.slice(line.lastIndexOf(' ') + 1)]),
  );
}

test("half-open does not run in the trace of the call that opened; opossum's other events run in the trace of their call", async () => {
  const seen = await run();
  expect(seen['open in']).toBe(seen['opening']);
  expect(seen['halfOpen in']).toBe('none');
  expect(seen['close in']).toBe(seen['probing']);
});

test('the active span gets state and outcome; a bad outcome stays; open, half-open and close are its events', async () => {
  await run();
  const marks = (name: string) => {
    const { attributes, events } = spanNamed(receiver.store.spans, name);
    const of = (key: string) => attributes[`sietch.circuit_breaker.${key}`];
    return [of('name'), of('state'), of('outcome'), ...events.map((event) => event.name)];
  };
  expect(marks('opening')).toEqual(['paddle', 'closed', 'failure', 'sietch.circuit_breaker.open']);
  expect(marks('rejected')).toEqual(['paddle', 'open', 'rejected']);
  expect(marks('probing')).toEqual(['paddle', 'half_open', 'success', 'sietch.circuit_breaker.half_open', 'sietch.circuit_breaker.close']);
  expect(marks('steady')).toEqual(['steady', 'closed', 'success']);
  expect(marks('left')).toEqual([undefined, undefined, undefined]);
  expect(receiver.store.spans.map(({ name }) => name).sort()).toEqual(['left', 'opening', 'probing', 'rejected', 'steady']);
});

test('a span for each call, when asked for', async () => {
  const seen = await run({ SIETCH_OTEL_CIRCUIT_SPANS: 'on' });
  // rejected              (app)
  //   circuit paddle      ERROR, error.type Error, outcome rejected
  //   circuit steady      outcome success
  expect(spanTree(receiver.store.trace(seen['rejected'] ?? '').spans)).toEqual([
    {
      name: 'rejected',
      kind: 'INTERNAL',
      status: 'UNSET',
      children: [
        { name: 'circuit paddle', kind: 'INTERNAL', status: 'ERROR', children: [] },
        { name: 'circuit steady', kind: 'INTERNAL', status: 'UNSET', children: [] },
      ],
    },
  ]);
  const opening = receiver.store.trace(seen['opening'] ?? '').spans;
  expect(spanNamed(opening, 'circuit paddle')).toMatchObject({
    attributes: {
      'sietch.circuit_breaker.name': 'paddle',
      'sietch.circuit_breaker.state': 'closed',
      'sietch.circuit_breaker.outcome': 'failure',
      'error.type': 'TypeError',
    },
    status: { code: 'ERROR', message: '' },
  });
  expect(spanNamed(opening, 'opening').attributes).toEqual({});
});
