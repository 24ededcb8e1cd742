// What users would install: the tarball of this checkout, its dist/ as built.

import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT } from '../support/checkout.ts';
import { packPackage } from '../support/packed-package.ts';

interface Manifest {
  main: string;
  types: string;
  exports: Record<string, unknown>;
  bin?: Record<string, string>;
  dependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
  peerDependenciesMeta: Record<string, { optional: boolean }>;
}

const run = promisify(execFile);
let folder: string;
let tarball: string;
let files: string[];
let manifest: Manifest;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sietch-otel-pack-'));
  tarball = await packPackage(folder);
  mkdirSync(join(folder, 'package'));
  await run('tar', ['-xzf', tarball, '-C', folder]);
  const root = join(folder, 'package');
  files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(join(root, name)).isFile());
  manifest = JSON.parse(read('package.json'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function read(file: string): string {
  return readFileSync(join(folder, 'package', file), 'utf8');
}

/** All that is named as a file in `exports`, `main`, `types` and `bin`. */
function entryPoints(): string[] {
  const paths = (value: unknown): string[] => {
    if (typeof value === 'string') return [value];
    return typeof value === 'object' && value !== null ? Object.values(value).flatMap(paths) : [];
  };
  return [...new Set(paths([manifest.exports, manifest.main, manifest.types, manifest.bin]))].map((path) => path.replace(/^\.\//, ''));
}

test('it holds dist/ and what describes it: no tests, no examples, no sources', () => {
  const outside = files.filter((file) => !file.startsWith('dist/'));
  expect(outside.filter((file) => !['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md'].includes(file))).toEqual([]);
  expect(outside).toEqual(expect.arrayContaining(['package.json', 'README.md', 'LICENSE']));
  expect(files.filter((file) => /(^|[/.])(test|tests|spec|fixtures|examples|bench)[/.]/.test(file))).toEqual([]);
  expect(
    files.filter((file) => !/\.(d\.ts|d\.mts|js|mjs|json|map|md)$|^LICENSE$|^dist\/NOTICE\.txt$|^dist\/view\/.*\.(css|html)$/.test(file)),
  ).toEqual([]);
});

test('every entry point is in it', () => {
  expect(entryPoints().filter((path) => !files.includes(path))).toEqual([]);
  expect(entryPoints().length).toBeGreaterThan(5);
});

test('it says nothing of the machine it was built on', () => {
  expect(files.filter((file) => read(file).includes(ROOT))).toEqual([]);
});

test('it is not larger than it has reason to be', () => {
  expect(statSync(tarball).size).toBeLessThan(1536 * 1024);
});

test('what it imports is what it declares', () => {
  const declared = new Set([...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)]);
  const undeclared = new Set<string>();
  // Of the declarations, only those that a user's compiler gets to see.
  for (const file of [...files.filter((name) => /\.m?js$/.test(name)), ...publicDeclarations()]) {
    for (const specifier of importsOf(file)) {
      if (/%|\$\{/.test(specifier)) continue; // A word of a message in the bundle, or of a module that the plugin writes.
      const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
      if (/^(\.|node:|@sietch\/otel$)/.test(name) || builtinModules.includes(name) || declared.has(name)) continue;
      undeclared.add(`${name} in ${file}`);
    }
  }
  expect([...undeclared]).toEqual([]);
});

/** The declarations of the entry points, and those that they import. */
function publicDeclarations(): Set<string> {
  const found = new Set(entryPoints().filter((path) => /\.d\.m?ts$/.test(path)));
  for (const file of found) {
    for (const specifier of importsOf(file)) {
      const imported = join(dirname(file), specifier.replace(/\.(m?)js$/, '.d.$1ts'));
      if (specifier.startsWith('.') && files.includes(imported)) found.add(imported);
    }
  }
  return found;
}

/** Without those in texts: ajv, in the MCP server, has some for code that nobody asks it to write. */
function importsOf(file: string): string[] {
  const imports = /(?:(?<!['`])\brequire\(|\bimport\(|\bfrom |^import )(['"])([^'"]+)\1/gm;
  return [...withoutComments(read(file)).matchAll(imports)].map(([, , specifier = '']) => specifier);
}

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

test('the file that is a command starts as one', () => {
  for (const path of Object.values(manifest.bin ?? {})) expect(read(path)).toMatch(/^#!\/usr\/bin\/env node\n/);
});

test('publint finds nothing', async () => {
  await expect(bin('publint', tarball, '--strict')).resolves.toContain('All good!');
});

test('the types of every entry point resolve, for CommonJS and for ES modules', async () => {
  // It fails (by its exit code) on what does not resolve or is not what it says it is.
  await expect(bin('attw', tarball, '--profile', 'node16', '--no-emoji')).resolves.toContain('"@sietch/otel/queue"');
});

async function bin(name: string, ...args: string[]): Promise<string> {
  const path = join(ROOT, 'node_modules/.bin', name);
  expect(existsSync(path)).toBe(true);
  try {
    const { stdout } = await run(process.execPath, [path, ...args], { cwd: folder, timeout: 85_000 });
    return stdout;
  } catch (error) {
    const output = error instanceof Error && 'stdout' in error ? error.stdout : '';
    throw new Error(`${name} ${args.map((arg) => relative(folder, arg) || arg).join(' ')} failed:\n${output}`);
  }
}
