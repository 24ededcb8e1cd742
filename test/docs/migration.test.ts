// docs/migration.md, from dd-trace: every name on the left is in its source, and every name on the right is one of ours.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { series } from '../../deploy/grafana/series.ts';
import { emittedNames } from '../../src/catalog/emitted-names.ts';
import { settingsTables } from '../../src/catalog/settings-tables.ts';
import { cacheDirectory } from '../support/cache.ts';
import { ROOT } from '../support/checkout.ts';
import { INSTALLING_MS, unpackedPackage } from '../support/npm-packages.ts';

const page = readFileSync(join(ROOT, 'docs/migration.md'), 'utf8');
const [section = ''] = /^## From dd-trace$[\s\S]*?(?=^## )/m.exec(page) ?? [];
const rows = [...section.matchAll(/^\| (.+) \| (.+) \|$/gm)].map(([, theirs = '', ours = '']) => ({
  theirs: codes(theirs),
  ours: codes(ours),
}));
const theirs = rows.flatMap((row) => row.theirs);
const ours = rows.flatMap((row) => row.ours);
const [version = ''] = /(?<=Names are those of dd-trace )[\d.]+/.exec(section) ?? [];

function codes(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
}

/** Everything below these folders of dd-trace, as text. */
const read = (...folders: string[]) =>
  folders
    .flatMap((folder) =>
      readdirSync(join(ddTrace, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(ddTrace, folder, file)),
    )
    .filter((file) => file.endsWith('.js'))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');

let ddTrace: string;
beforeAll(async () => {
  ddTrace = await unpackedPackage(join(cacheDirectory('dd-trace'), version), 'dd-trace', `~${version}.0`);
}, INSTALLING_MS);

test('variables of dd-trace', () => {
  const configurations = readFileSync(join(ddTrace, 'packages/dd-trace/src/config/supported-configurations.json'), 'utf8');
  const { supportedConfigurations }: { supportedConfigurations: Record<string, unknown> } = JSON.parse(configurations);
  const variables = theirs.flatMap((code) => /^DD_[A-Z_]+(?=$|=)/.exec(code) ?? []);
  expect(variables.length).toBeGreaterThan(20);
  expect(Object.keys(supportedConfigurations)).toEqual(expect.arrayContaining(variables));
});

test('metrics of its spans', () => {
  const naming = read('packages/dd-trace/src/service-naming/schemas/v0');
  const operations = [...naming.matchAll(/opName: \(.*\) => ['`](.+)['`]/g)].map(([, name = '']) => name.replace('${operation}', 'query'));
  const frameworks = [...read('packages').matchAll(/setFramework\(req, '(\w+)'/g)].map(([, name]) => `${name}.request`);
  const spans = theirs.flatMap((code) => /(?<=^trace\.)[\w.]+/.exec(code) ?? []);
  expect(spans.length).toBeGreaterThan(8);
  expect([...operations, ...frameworks]).toEqual(expect.arrayContaining(spans));
});

test('runtime metrics', () => {
  const source = read('packages/dd-trace/src/runtime_metrics');
  const metrics = theirs.filter((code) => code.startsWith('runtime.'));
  expect(metrics.length).toBeGreaterThan(7);
  for (const metric of metrics) expect(source).toContain(`'${metric.replace(/\.\*$/, '')}'`);
});

test('tags of spans', () => {
  const source =
    read('ext', ...['pg', 'redis', 'bullmq'].map((name) => `packages/datadog-plugin-${name}/src`)) + read('packages/dd-trace/src');
  const [, table = ''] = section.split('| Tag of dd-trace');
  const tags = [...table.matchAll(/^\| (.+) \| .+ \|$/gm)].flatMap(([, cell = '']) => codes(cell)).filter((tag) => !/^dd\.|^DD_/.test(tag));
  expect(tags.length).toBeGreaterThan(12);
  for (const tag of tags) expect(source.includes(`'${tag}'`) || source.includes(`}.${tag.split('.')[1]}\``), tag).toBe(true);
});

test('our variables', () => {
  const settings = Object.values(settingsTables).flatMap((table) => Object.values(table).map(({ env }) => env));
  const variables = ours.flatMap((code) => /^(?:OTEL|SIETCH)_[A-Z_]+/.exec(code) ?? []);
  expect(variables.length).toBeGreaterThan(12);
  expect(settings).toEqual(expect.arrayContaining(variables));
});

test('our metrics and attributes', () => {
  const names = Object.values(emittedNames).flat();
  const metrics = names.flatMap((name) => (name.type === 'metric' && !name.name.includes('{') ? [series(name.name)] : []));
  const attributes = names.flatMap((name) => (name.type === 'attribute' ? [name.name] : []));
  const used = ours.flatMap((code) => /[a-z0-9]+_[a-z0-9_*]+(?:_seconds|_bytes|_ratio|_total)\b/.exec(code) ?? []);
  expect(used.length).toBeGreaterThan(10);
  for (const metric of used)
    expect(
      metrics.some((name) => new RegExp(`^${metric.replace('*', '\\w+')}$`).test(name)),
      metric,
    ).toBe(true);
  const dotted = ours.filter((code) => /^[a-z]+(?:\.[a-z_]+)+$/.test(code) && !code.startsWith('dd.') && code !== 'service.name');
  expect(attributes).toEqual(expect.arrayContaining(dotted));
});
