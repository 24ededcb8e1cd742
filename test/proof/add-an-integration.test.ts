// "Add an integration" of CONTRIBUTING.md, walked on a copy of src: the folder test/proof/src/integrations/yaml and the lines below are all that it takes. Then an app
// runs under the preload that was built of it.
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runApp } from '../support/app.ts';
import { ROOT } from '../support/checkout.ts';
import { allText, lastPoint, type Receiver, startReceiver } from '../support/otlp.ts';

/** Each file with the line that is in it, and the one that comes before it. */
const LINES: readonly (readonly [file: string, before: string, line: string])[] = [
  ['src/integrations/integrations.ts', '  runtime: runtimeIntegration,', '  yaml: yamlIntegration,'],
  [
    'src/integrations/integrations.ts',
    "import { runtimeIntegration } from './runtime/index.js';",
    "import { yamlIntegration } from './yaml/index.js';",
  ],
  ['src/catalog/settings-tables.ts', '  runtime: runtimeSettings,', '  yaml: yamlSettings,'],
  [
    'src/catalog/settings-tables.ts',
    "import { runtimeSettings } from '../integrations/runtime/settings.js';",
    "import { yamlSettings } from '../integrations/yaml/settings.js';",
  ],
  ['src/sdk/hooks/supported-versions.ts', "  undici: { from: '5.12.0', belowMajor: 9 },", "  yaml: { from: '2.0.0', belowMajor: 3 },"],
];

let checkout: string;
let receiver: Receiver;
beforeAll(async () => {
  checkout = copyOfSrc();
  cpSync(join(ROOT, 'test/proof/src'), join(checkout, 'src'), { recursive: true });
  for (const [file, before, line] of LINES) addLine(join(checkout, file), before, line);
  // `npm run build`, and `npm run docs` with the pages as they are.
  await node('node_modules/typescript/bin/tsc', '--emitDeclarationOnly');
  await node('node_modules/tsx/dist/cli.mjs', 'scripts/bundle.ts');
  await node('node_modules/tsx/dist/cli.mjs', 'scripts/reference.ts');
  receiver = await startReceiver();
}, 240_000);
afterAll(async () => {
  await receiver?.close();
  rmSync(checkout, { recursive: true, force: true });
});

test('CONTRIBUTING.md names every file that changes', () => {
  const steps = read(ROOT, 'CONTRIBUTING.md').split('## Add an integration')[1]?.split('\n## ')[0] ?? '';
  expect([...new Set(LINES.map(([file]) => file))].filter((file) => !steps.includes(`\`${file}\``))).toEqual([]);
});

test('settings, spans, metrics and attributes are in the reference', () => {
  expect(read(checkout, 'docs/reference/settings.md')).toContain('| `SIETCH_OTEL_YAML_REQUIRE_PARENT` | on \\| off | `on` |');
  expect(read(checkout, 'docs/reference/spans.md')).toContain('| `yaml.parse` | INTERNAL | yaml |');
  expect(read(checkout, 'docs/reference/metrics.md')).toContain('| `yaml.operation.duration` | histogram | `s` |');
  expect(read(checkout, 'docs/reference/attributes.md')).toContain('| `error.type` | yaml | Code of the error');
});

test.for(['yaml-app.cjs', 'yaml-app.mjs'])(
  '%s: a span, a duration and the type of the error for each document, and no text',
  async (file) => {
    const app = runApp(join(ROOT, 'test/proof', file), {
      receiver,
      preloadFrom: join(checkout, 'dist'),
      env: { OTEL_METRICS_EXPORTER: 'otlp', OTEL_SERVICE_NAME: file, SIETCH_OTEL_SHUTDOWN_MS: '10000' },
    });
    const exit = await app.waitForExit();
    expect(exit).toMatchObject({ code: 0, stdout: '42 YAMLParseError parse 3\n' });
    // load                INTERNAL
    // ├─ yaml.parse       INTERNAL
    // └─ yaml.parse       INTERNAL  ERROR, BAD_INDENT
    const { store } = receiver;
    const spans = await store.waitFor(({ spans }) => {
      const found = spans.filter(({ name, service }) => name === 'yaml.parse' && service === file);
      return found.length === 2 && found;
    });
    expect(spans.map(({ status, attributes }) => [status.code, attributes['error.type']])).toEqual([
      ['UNSET', undefined],
      ['ERROR', 'BAD_INDENT'],
    ]);
    expect(allText(store)).not.toContain('canary');
    const metrics = store.metrics.filter(({ service }) => service === file);
    expect(lastPoint(metrics, 'yaml.operation.duration', { 'yaml.operation': 'parse', 'error.type': 'BAD_INDENT' })).toMatchObject({
      count: 1,
    });
  },
);

const read = (root: string, file: string) => readFileSync(join(root, file), 'utf8');

/** What the build needs, in a folder that finds this checkout's packages. */
function copyOfSrc(): string {
  mkdirSync(join(ROOT, '.cache'), { recursive: true });
  const directory = mkdtempSync(join(ROOT, '.cache/proof-'));
  for (const path of ['src', 'scripts', 'docs', 'package.json', 'tsconfig.json', 'README.md'])
    cpSync(join(ROOT, path), join(directory, path), { recursive: true });
  return directory;
}

function addLine(file: string, before: string, line: string): void {
  const text = readFileSync(file, 'utf8');
  expect(text.split(`${before}\n`), `${file}: ${before}`).toHaveLength(2);
  writeFileSync(file, text.replace(`${before}\n`, `${before}\n${line}\n`));
}

async function node(script: string, ...args: string[]): Promise<void> {
  await promisify(execFile)(process.execPath, [join(ROOT, script), ...args], { cwd: checkout }).catch((error: unknown) => {
    throw new Error(`${script}: ${JSON.stringify(error)}`);
  });
}
