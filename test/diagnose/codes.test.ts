// The table of diagnostics is whole: every code of the source is in it, and every code in it is used.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { diagnostics } from '../../src/diagnose/codes.js';
import { container } from '../../src/doctor/diagnosis.js';
import { checkBundle, checkNode } from '../../src/doctor/process-checks.js';
import { isSupported } from '../../src/sdk/hooks/supported-versions.js';
import { ROOT } from '../support/checkout.ts';

test('every code of the source is in the table, and the other way round', () => {
  const src = join(ROOT, 'src');
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(
    (file) => /\.m?ts$/.test(file) && file !== join('diagnose', 'codes.ts'),
  );
  const used = files.flatMap((file) => readFileSync(join(src, file), 'utf8').match(/SIETCH\d{3}/g) ?? []);
  expect([...new Set(used)].sort()).toEqual(Object.keys(diagnostics()));
});

test.for([
  ['register.ts', 'SIETCH001'],
  ['bundle-loader.ts', 'SIETCH141'],
  ['diagnose/stderr.ts', 'SIETCH140'],
] as const)('%s, which is loaded without the table, writes %s with the text and remedy of the table', ([file, code]) => {
  const { what, remedy } = diagnostics()[code];
  expect(readFileSync(join(ROOT, 'src', file), 'utf8')).toMatch(new RegExp(`${code} ${escaped(what)}: .*Remedy: ${escaped(remedy)}`));
});

/** What a regular expression takes literally. */
const escaped = (text: string) => text.replace(/[/.*+?^${}()|[\]\\]/g, '\\$&');

// npm takes an optional peer with a range for a demand: an app with another major version could not install this package.
test('peer dependencies of the package accept every version', () => {
  const manifest: { peerDependencies: Record<string, string> } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  expect(new Set(Object.values(manifest.peerDependencies))).toEqual(new Set(['*']));
});

test.for([
  ['pg', '8.0.2', false],
  ['pg', '8.0.3', true],
  ['pg', '8.23.1', true],
  ['pg', '9.0.0', false],
  ['bullmq', '5.12.9', false],
  ['bullmq', '6.0.0-beta.1', true],
] as const)('%s %s: %s', ([name, version, supported]) => {
  expect(isSupported(name, version)).toBe(supported);
});

test('SIETCH137: versions of Node', () => {
  expect(['18.20.0', '20.5.1', '21.7.0'].flatMap(checkNode)).toHaveLength(3);
  expect(['20.6.0', '22.0.0', '26.1.0'].flatMap(checkNode)).toEqual([]);
});

test('SIETCH108: localhost in a container, when nobody is there', () => {
  const absent = { code: 'SIETCH111', detail: 'http://localhost:4318: ECONNREFUSED' } as const;
  expect(container([absent], true)).toEqual([{ ...absent, code: 'SIETCH108' }]);
  expect(container([absent], false)).toEqual([]);
  expect(container([{ ...absent, detail: 'http://collector:4318: ECONNREFUSED' }], true)).toEqual([]);
});

test.for([
  ['esbuild', 'var __commonJS = (cb, mod) => function __require() {};'],
  ['rolldown', 'var __commonJSMin = (cb, mod) => () => mod;'],
  ['rollup', 'function getDefaultExportFromCjs(x) { return x; }'],
  ['webpack', 'function __webpack_require__(moduleId) {}'],
] as const)('SIETCH131: %s by what it writes', ([bundler, text]) => {
  const folder = mkdtempSync(join(tmpdir(), 'sietch-otel-bundle-'));
  const [bundled, plain] = [join(folder, 'bundled.js'), join(folder, 'plain.js')];
  writeFileSync(bundled, text);
  // It speaks of what pg says, and is no bundle.
  writeFileSync(plain, 'if (/Client has already been connected. You cannot reuse a client./.test(error)) throw error;');
  expect(checkBundle(bundled)).toEqual([{ code: 'SIETCH131', detail: `${bundled} looks made by ${bundler}` }]);
  expect(checkBundle(plain)).toEqual([]);
  rmSync(folder, { recursive: true });
});
