import { afterEach, expect, test } from 'vitest';
import { type CircuitApp, seriesValue, startCircuitApp } from './circuit-app.ts';

let circuit: CircuitApp | undefined;
afterEach(() => circuit?.app.stop());

test('breakers that the app let go of are collected, and leave the gauges', async () => {
  circuit = await startCircuitApp('test/app/circuit-weak.cjs', { nodeArgs: ['--expose-gc'] });
  expect(circuit.ready.result).toBe('0 left, kept true');
  const text = await circuit.scrape();
  expect(seriesValue(text, 'sietch_circuit_breaker_state', { sietch_circuit_breaker_name: 'passing' })).toBeNaN();
  expect(seriesValue(text, 'sietch_passing_circuit_state')).toBeNaN();
  expect(
    seriesValue(text, 'sietch_circuit_breaker_calls_total', {
      sietch_circuit_breaker_name: 'passing',
      sietch_circuit_breaker_outcome: 'success',
    }),
  ).toBe(20);
  expect(seriesValue(text, 'sietch_kept_circuit_state')).toBe(0);
});
