// The environment that configures the distribution, while OpenTelemetry's own code reads `process.env`.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inCorrectedEnvironment } from '../../src/config/corrected-environment.js';
import { asProcessEnvironment, environment, useEnvironment } from '../../src/config/environment.js';

const NAMES = ['OTEL_BSP_SCHEDULE_DELAY', 'OTEL_TRACES_SAMPLER', 'SIETCH_OTEL_EVENTS', 'APP_NAME'] as const;
const read = () => NAMES.map((name) => process.env[name]);

beforeEach(() => {
  for (const name of NAMES) delete process.env[name];
});
afterEach(() => {
  for (const name of NAMES) delete process.env[name];
});

test('without a file it is that of the process', () => {
  expect(environment()).toBe(process.env);
  expect(asProcessEnvironment(() => environment())).toBe(process.env);
});

test('with a file, process.env is the other one only while the work runs', () => {
  process.env['OTEL_BSP_SCHEDULE_DELAY'] = '1';
  process.env['APP_NAME'] = 'mine';
  useEnvironment({ OTEL_TRACES_SAMPLER: 'Always_Off', SIETCH_OTEL_EVENTS: 'off', APP_NAME: 'theirs' });
  const problems: string[] = [];
  const seen = inCorrectedEnvironment(problems, () => [...read(), environment() === process.env]);
  expect(seen).toEqual([undefined, 'always_off', 'off', 'mine', true]);
  expect(read()).toEqual(['1', undefined, undefined, 'mine']);
  expect(environment()['OTEL_TRACES_SAMPLER']).toBe('Always_Off');
});

test('it comes back after an error, and from within itself', () => {
  useEnvironment({ OTEL_TRACES_SAMPLER: 'always_on' });
  const throwing = () =>
    asProcessEnvironment(() =>
      asProcessEnvironment(() => {
        throw new Error(String(process.env['OTEL_TRACES_SAMPLER']));
      }),
    );
  expect(throwing).toThrow('always_on');
  expect([read()[1], environment() === process.env]).toEqual([undefined, false]);
});
