import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type CircuitApp, startCircuitApp } from '../integrations/circuit/circuit-app.ts';
import { runApp } from '../support/app.ts';
import { ROOT } from '../support/checkout.ts';

let circuit: CircuitApp | undefined;
afterEach(() => circuit?.app.stop());

/** `name{label,…} value` of each series about circuits, sorted; without labels of the scope and what a scrape measures anew. */
function circuitSeries(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('sietch_') && line.includes('circuit'))
    .map((line) => line.replace(/,?otel_scope_\w+="[^"]*"/g, '').replace('{}', ''))
    .filter((line) => !/duration\w*_(sum|bucket)/.test(line))
    .sort();
}

const EXPECTED = [
  'sietch_circuit_breaker_calls_total{sietch_circuit_breaker_name="paddle",sietch_circuit_breaker_outcome="failure"} 2',
  'sietch_circuit_breaker_calls_total{sietch_circuit_breaker_name="paddle",sietch_circuit_breaker_outcome="rejected"} 1',
  'sietch_circuit_breaker_calls_total{sietch_circuit_breaker_name="paddle",sietch_circuit_breaker_outcome="success"} 1',
  'sietch_circuit_breaker_fallbacks_total{sietch_circuit_breaker_name="paddle"} 3',
  'sietch_circuit_breaker_state{sietch_circuit_breaker_name="paddle"} 1',
  'sietch_circuit_breaker_transitions_total{sietch_circuit_breaker_name="paddle",sietch_circuit_breaker_state="open"} 1',
  'sietch_paddle_circuit_state 1',
];

test.each([
  { how: 'under the preload', options: {} },
  { how: "with an SDK of the app's own", options: { preload: 'none' as const, args: ['own-sdk'] } },
])('CircuitBreaker $how: its series once, its events told', async ({ options }) => {
  circuit = await startCircuitApp('test/app/circuit-library.cjs', options);
  expect(circuit.ready).toMatchObject({ result: 'answer instead instead instead', code: '1' });
  expect(circuit.app.messages).toContainEqual({ told: 'open' });
  const series = circuitSeries(await circuit.scrape());
  expect(series).toEqual(expect.arrayContaining(EXPECTED));
  expect(new Set(series).size).toBe(series.length);
  const counts = series.filter((line) => /duration\w*_count/.test(line)).map((line) => line.replace('_seconds', ''));
  expect(counts).toEqual([
    'sietch_circuit_breaker_call_duration_count{sietch_circuit_breaker_name="paddle",sietch_circuit_breaker_outcome="failure"} 2',
    'sietch_circuit_breaker_call_duration_count{sietch_circuit_breaker_name="paddle",sietch_circuit_breaker_outcome="success"} 1',
  ]);
  const lines = circuit.app.stderr.split('\n').filter((line) => line.includes('sietch.circuit_breaker.open'));
  expect(lines).toHaveLength(1);
  expect(circuit.app.stderr).not.toContain('secret');
});

test('without opossum: one clear error', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'sietch-otel-no-opossum-'));
  try {
    const modules = join(directory, 'node_modules');
    for (const part of ['dist', 'package.json']) {
      cpSync(join(ROOT, part), join(modules, '@sietch', 'otel', part), { recursive: true });
    }
    symlinkSync(join(ROOT, 'node_modules', '@opentelemetry'), join(modules, '@opentelemetry'));
    const app = join(directory, 'app.cjs');
    writeFileSync(
      app,
      `const { CircuitBreaker } = require('@sietch/otel/circuit');
       try { new CircuitBreaker(() => 1, { name: 'x' }) } catch (error) { console.log(error.code, error.message) }`,
    );
    const { stdout, stderr } = await runApp(app, { preload: 'none', cwd: directory }).waitForExit();
    expect(stdout + stderr).toBe('SIETCH_CIRCUIT_NO_OPOSSUM CircuitBreaker needs the package opossum, 8 to 10: npm install opossum\n');
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
