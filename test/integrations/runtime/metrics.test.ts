// What the runtime integration really emits, against what its names.ts declares (which the README and the dashboards are made from).
import { readdirSync, readFileSync } from 'node:fs';
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
  const scopes = ['@opentelemetry/instrumentation-runtime-node', '@sietch/otel/process'];
  const ofScope = () => receiver.store.metrics.filter((metric) => scopes.includes(metric.scope.name));
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

test('the metrics of the process are what Linux says of it', async () => {
  const app = runApp('test/app/collect-garbage.cjs', { receiver, nodeArgs: ['--expose-gc'], env: { OTEL_METRICS_EXPORTER: 'otlp' } });
  const last = (name: string) => {
    const metric = receiver.store.metrics.findLast((each) => each.name === name && each.resource['process.pid'] === app.pid);
    return metric?.points.reduce((sum, { value = Number.NaN }) => sum + value, 0) ?? Number.NaN;
  };
  await receiver.store.waitFor(() => last('process.cpu.utilization') > 0);
  const residentBytes = Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${app.pid}/status`, 'utf8'))?.[1]) * 1024;
  const openFiles = readdirSync(`/proc/${app.pid}/fd`).length;
  expect(last('process.memory.usage') / residentBytes).toBeGreaterThan(0.7);
  expect(last('process.memory.usage') / residentBytes).toBeLessThan(1.4);
  expect(Math.abs(last('process.unix.file_descriptor.count') - openFiles)).toBeLessThan(8);
  expect(last('process.cpu.time')).toBeGreaterThan(0);
  expect(last('process.cpu.utilization')).toBeLessThanOrEqual(1);
  expect(last('process.uptime')).toBeGreaterThan(1);
  await app.stop();
});
