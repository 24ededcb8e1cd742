// Breaks each cause that the doctor knows on purpose: the doctor names it, and finds nothing once its remedy is applied.
import { expect, test } from 'vitest';
import { diagnostics, isFindingCode } from '../../src/diagnose/codes.js';
import { appFaults } from './app-faults.ts';
import { bundleFaults } from './bundle-faults.ts';
import { collectorFaults } from './collector-faults.ts';
import { codesOf, doctor, type Told } from './doctor-run.ts';
import { environmentFaults } from './environment-faults.ts';
import { exportFaults } from './export-faults.ts';
import { Bench, type Case } from './fault.ts';

const faults = [...environmentFaults, ...collectorFaults, ...exportFaults, ...appFaults, ...bundleFaults];
const TIMEOUT_MS = 100_000;

test('every cause is broken on purpose', () => {
  expect([...new Set(faults.map(({ code }) => code))].sort()).toEqual(Object.keys(diagnostics()).filter(isFindingCode));
});

async function ask(bench: Bench, { env, command }: Case): Promise<readonly Told[]> {
  const healthy = await bench.receiver();
  return doctor(command, { OTEL_EXPORTER_OTLP_ENDPOINT: healthy.url, ...env });
}

test.concurrent.for(faults.map((fault) => [`${fault.code}: ${diagnostics()[fault.code].what}`, fault] as const))(
  '%s',
  { timeout: TIMEOUT_MS },
  async ([, { code, also = [], detail, broken, mended }]) => {
    const bench = new Bench();
    try {
      const told = await ask(bench, await broken(bench));
      // The tests may run in a container, where a collector that is not there has one cause more.
      const codes = codesOf(told).filter((each) => each !== 'SIETCH108' || code === 'SIETCH108');
      expect(codes).toEqual([code, ...also].sort());
      const named = told.find((each) => each.code === code);
      expect(named?.remedy).toBe(diagnostics()[code].remedy);
      if (detail !== undefined) expect(named?.detail).toMatch(detail);
      expect(await ask(bench, await mended(bench))).toEqual([]);
    } finally {
      await bench.clear();
    }
  },
);
