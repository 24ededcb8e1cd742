// The example of docs/configuration-file.md: upstream's reader takes it for valid, ours understands all of it, and a process runs by it. The same for the
// lists of that page that have a source.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { settingsTables } from '../../src/catalog/settings-tables.js';
import { snakeCase } from '../../src/config/snake-case.js';
import { parseConfiguration } from '../../src/declarative/configuration-file.js';
import { runApp } from '../support/app.ts';
import { ROOT } from '../support/checkout.ts';
import { startReceiver } from '../support/otlp.ts';

const PAGE = readFileSync(join(ROOT, 'docs/configuration-file.md'), 'utf8');
const EXAMPLE = /```yaml\n(.*?)```/s.exec(PAGE)?.[1] ?? '';

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sietch-config-'));
  file = join(folder, 'otel.yaml');
  writeFileSync(file, EXAMPLE);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('all of it is understood', () => {
  expect(parseConfiguration(EXAMPLE, {}, settingsTables).reports).toEqual([]);
});

test("it is valid by the schema, which upstream's reader checks", () => {
  const sdk = createRequire(createRequire(import.meta.url).resolve('@opentelemetry/sdk-node'));
  const { createConfigFactory }: { createConfigFactory(): { getConfigModel(): object } } = sdk('@opentelemetry/configuration');
  process.env['OTEL_CONFIG_FILE'] = file;
  try {
    expect(createConfigFactory().getConfigModel()).toMatchObject({ log_level: 'warn', distribution: { sietch: {} } });
  } finally {
    delete process.env['OTEL_CONFIG_FILE'];
  }
});

test('a process runs by it', async () => {
  const receiver = await startReceiver();
  const env = { OTEL_CONFIG_FILE: file, COLLECTOR: receiver.url, METRICS_PORT: '0', SERVICE: 'example' };
  const app = runApp('test/app/configured.cjs', { receiver, env });
  const [, port] = await app.waitForLine(/listening (\d+)/);
  await Promise.all(['/healthz', '/orders'].map((path) => fetch(`http://127.0.0.1:${port}${path}`)));
  const exit = await app.stop();
  await receiver.close();
  expect(receiver.store.spans.map(({ attributes }) => attributes['url.path']).filter(Boolean)).toEqual(['/orders']);
  expect(receiver.store.spans[0]?.resource['service.name']).toBe('example');
  expect(exit.stderr).toMatch(
    /service "example[^"]*": traces to otlp http:\S+, metrics to http:\S+, logs to otlp http:\S+; on: (?!.*runtime)/,
  );
});

test('the settings that change while a process runs are those of the page', () => {
  const changing = Object.entries(settingsTables).flatMap(([section, table]) =>
    Object.entries(table).flatMap(([key, setting]) =>
      'changesAtRuntime' in setting && setting.changesAtRuntime === true ? [`${section}.${snakeCase(key)}`] : [],
    ),
  );
  const written = [...PAGE.matchAll(/`distribution\.sietch\.(\w+\.\w+)`(?:, `(\w+)`)?/g)].flatMap(([, path = '', more]) =>
    more === undefined ? [path] : [path, `${path.split('.')[0]}.${more}`],
  );
  expect([...new Set(changing.filter((name) => !/^(otel|sdk)\./.test(name)))].sort()).toEqual([...new Set(written)].sort());
});
