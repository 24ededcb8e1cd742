// The house of src: each folder is a floor, and a file imports from its own floor or from a lower one; no files import one another in a circle.
// docs/architecture.md draws it.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from './support/checkout.ts';

/** From the ground up. Files that lie in src itself are `.`: the doors and the wiring. */
const FLOORS = [
  'config',
  'node',
  'diagnose',
  'declarative',
  'context',
  'logging',
  'sdk',
  'observe',
  'integrations',
  'breaker',
  'webhooks',
  'threads',
  'export',
  'exit',
  'now',
  'prometheus',
  'catalog',
  'bundler',
  'doctor',
  '.',
  'view',
  'cli',
];

const SRC = join(ROOT, 'src');
/** `import … from './x.js'`, `export … from`, and what is loaded when it is needed, by `require` or `import()`. */
const IMPORT = /^(?:import|export)\b[^'"]*?from '(\.[^']+)'|\b(?:require|import)\('(\.[^']+)'\)/gm;

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => /\.(m?ts|tsx)$/.test(file));
const imports = new Map(files.map((file) => [file, importsOf(file)]));

function importsOf(file: string): string[] {
  return [...readFileSync(join(SRC, file), 'utf8').matchAll(IMPORT)]
    .map(([, from = '', loaded = from]) => sourceOf(relative(SRC, join(SRC, dirname(file), loaded))))
    .filter((path) => !path.startsWith('..'));
}

/** The file that a `.js` of an import stands for. */
function sourceOf(path: string): string {
  const component = path.replace(/js$/, 'tsx');
  return files.includes(component) ? component : path.replace(/js$/, 'ts');
}

function floorOf(file: string): number {
  return FLOORS.indexOf(file.includes('/') ? (file.split('/')[0] ?? '') : '.');
}

test('every folder of src has its floor', () => {
  expect(files.filter((file) => floorOf(file) === -1)).toEqual([]);
});

test('every import names a file, so that none is missed here', () => {
  const unknown = [...imports].flatMap(([file, list]) => list.filter((path) => !imports.has(path)).map((path) => `${file}: ${path}`));
  expect(unknown).toEqual([]);
});

test('no file imports from a higher floor', () => {
  const upward = [...imports].flatMap(([file, list]) =>
    list.filter((path) => floorOf(path) > floorOf(file)).map((path) => `${file} imports ${path}`),
  );
  expect(upward).toEqual([]);
});

test('integrations do not import one another', () => {
  const integrationOf = (file: string) => /^integrations\/([^/]+)\//.exec(file)?.[1];
  const crossing = [...imports].flatMap(([file, list]) =>
    list
      .filter(
        (path) => integrationOf(file) !== undefined && integrationOf(path) !== undefined && integrationOf(path) !== integrationOf(file),
      )
      .map((path) => `${file} imports ${path}`),
  );
  expect(crossing).toEqual([]);
});

test('no files import one another in a circle, not for types either', () => {
  const circles: string[][] = [];
  const done = new Set<string>();
  const visit = (file: string, way: readonly string[]): void => {
    if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file]);
    if (done.has(file) || way.includes(file)) return;
    for (const path of imports.get(file) ?? []) visit(path, [...way, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  expect(circles.map((circle) => circle.join(' → '))).toEqual([]);
});
