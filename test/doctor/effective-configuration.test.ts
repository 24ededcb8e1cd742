// `sietch-otel doctor --config`: every setting with its value and its source, and no secret.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { settingsTables } from '../../src/catalog/settings-tables.js';
import { runDoctor } from './doctor-run.ts';

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sietch-config-'));
  file = join(folder, 'otel.yaml');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const FILE = `file_format: "1.0"
tracer_provider:
  processors:
    - batch:
        exporter:
          otlp_http:
            endpoint: https://user:s3cret@collector:4318/v1/traces?key=s3cret
            headers: [ { name: authorization, value: "Bearer \${TOKEN}" } ]
  sampler: { parent_based: { remote_parent_sampled: { always_off: } } }
distribution:
  sietch:
    pg: { slow_query_ms: 50, slow_querry_ms: 5 }
    metrics: { bearer_token: s3cret }
`;

interface Setting {
  readonly variable: string;
  readonly value: string;
  readonly source: string;
}

async function ask(args: readonly string[], env: Readonly<Record<string, string>>) {
  const exit = await runDoctor(['--config', ...args], env);
  expect(exit.stdout + exit.stderr).not.toContain('s3cret');
  return exit;
}

test('with a file', async () => {
  writeFileSync(file, FILE);
  const env = { OTEL_CONFIG_FILE: file, TOKEN: 's3cret', SIETCH_OTEL_REDIS_SLOW_MS: '7', OTEL_SERVICE_NAME: 'overridden' };
  const { code, stdout } = await ask(['--json'], env);
  const answer: { file: string; settings: Setting[]; problems: string[] } = JSON.parse(stdout);
  const of = (name: string) => answer.settings.find(({ variable }) => variable === name);
  expect([code, answer.file]).toEqual([0, file]);
  expect(of('SIETCH_OTEL_PG_SLOW_QUERY_MS')).toMatchObject({ value: '50', source: '12:26 distribution.sietch.pg.slow_query_ms' });
  expect(of('SIETCH_OTEL_REDIS_SLOW_MS')).toMatchObject({ value: '7', source: 'environment' });
  expect(of('SIETCH_OTEL_SIGNALS')).toMatchObject({ value: 'on', source: 'default' });
  expect(of('OTEL_SERVICE_NAME')).toMatchObject({ value: '', source: 'default' });
  expect(of('SIETCH_OTEL_PROMETHEUS_BEARER_TOKEN')).toMatchObject({ value: '[REDACTED]' });
  expect(of('OTEL_EXPORTER_OTLP_TRACES_HEADERS')).toMatchObject({ value: '[REDACTED]' });
  expect(of('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT')).toMatchObject({ value: 'https://[REDACTED]@collector:4318/v1/traces?[REDACTED]' });
  expect(answer.settings.find(({ source }) => source === 'tracer_provider.sampler')?.value).toContain('always_off');
  expect(answer.problems).toEqual(
    expect.arrayContaining([expect.stringContaining('slow_querry_ms: unknown'), 'OTEL_SERVICE_NAME: the file overrides it']),
  );
  const known = Object.values(settingsTables).flatMap((table) => Object.values(table).map((setting) => setting.env));
  expect(answer.settings.map(({ variable }) => variable)).toEqual(expect.arrayContaining(known));
});

test('without one, as text', async () => {
  const { code, stdout } = await ask([], { OTEL_EXPORTER_OTLP_HEADERS: 'authorization=s3cret', SIETCH_OTEL_PG_SLOW_QUERY_MS: '5' });
  expect([code, stdout]).toEqual([0, expect.stringContaining('No configuration file: OTEL_CONFIG_FILE is not set.')]);
  expect(stdout).toMatch(/^ {2}SIETCH_OTEL_PG_SLOW_QUERY_MS +5 +environment$/m);
  expect(stdout).toMatch(/^ {2}OTEL_EXPORTER_OTLP_HEADERS +\[REDACTED\] +environment$/m);
});

test('with a file that cannot be used', async () => {
  writeFileSync(file, 'password: s3cret: s3cret');
  const { code, stdout } = await ask([], { OTEL_CONFIG_FILE: file });
  expect([code, stdout]).toEqual([1, expect.stringContaining(`${file}: 1:`)]);
});

test('it takes no command', async () => {
  const { code, stderr } = await ask(['--', 'node', 'app.js'], {});
  expect([code, stderr]).toEqual([2, expect.stringContaining('`--config` takes no command')]);
});
