// What the runtime integration really emits, against what its names.ts declares (which the README and the dashboards are made from).
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runtimeNames } from '../../../src/integrations/runtime/names.ts';
import { runApp } from '../../support/app.ts';
import { type Receiver, startReceiver } from '../../support/otlp.ts';

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.close());

test('every declared metric arrives, with its unit, kind and attributes, and no other', async () => {
  const app = runApp('test/app/collect-garbage.cjs', { receiver, nodeArgs: ['--expose-gc'], env: { OTEL_METRICS_EXPORTER: 'otlp' } });
  const declared = runtimeNames.filter((name) => name.type === 'metric');
  const ofScope = () => receiver.store.metrics.filter((metric) => metric.scope.name === '@opentelemetry/instrumentation-runtime-node');
  await receiver.store.waitFor(() => declared.every(({ name }) => ofScope().some((metric) => metric.name === name)));
  await app.stop();

  expect([...new Set(ofScope().map((metric) => metric.name))].sort()).toEqual(declared.map(({ name }) => name).sort());
  const attributes = new Set(runtimeNames.filter((name) => name.type === 'attribute').map(({ name }) => name));
  for (const { name, unit, instrument, attributes: keys } of declared) {
    const metric = ofScope().findLast((each) => each.name === name);
    expect(metric?.unit, name).toBe(unit);
    expect(metric?.type, name).toBe(instrument === 'histogram' ? 'histogram' : instrument.endsWith('gauge') ? 'gauge' : 'sum');
    expect(Object.keys(metric?.points[0]?.attributes ?? {}), name).toEqual(keys);
    for (const key of keys) expect(attributes, `${key} is declared`).toContain(key);
  }
});
