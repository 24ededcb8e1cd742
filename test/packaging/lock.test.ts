// What `npm ci` needs of the lock file on every platform. A registry that lacks a platform package of a new version makes npm write a lock
// that `npm ci` refuses, and that other platforms cannot install from: then an older version has to be pinned.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../support/checkout.ts';

interface LockedPackage {
  version?: string;
  resolved?: string;
  integrity?: string;
  link?: boolean;
  inBundle?: boolean;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

const text = readFileSync(join(ROOT, 'package-lock.json'), 'utf8');
const { packages }: { packages: Record<string, LockedPackage> } = JSON.parse(text);

/** The folder that `name` is found in from `folder`, as Node looks for it. */
function resolve(folder: string, name: string): string | undefined {
  for (let at = folder; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    const nested = `${at}/node_modules/${name}`;
    if (packages[nested] !== undefined) return nested;
  }
  return packages[`node_modules/${name}`] === undefined ? undefined : `node_modules/${name}`;
}

test('every optional dependency is locked, those of other platforms too', () => {
  const missing = Object.entries(packages).flatMap(([folder, { version, optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => resolve(folder, name) === undefined)
      .map((name) => `${name}, of ${folder} ${version}: pin a version of that package whose platform packages are all there`),
  );
  expect(missing).toEqual([]);
});

test('every other dependency is locked', () => {
  const missing = Object.entries(packages).flatMap(([folder, { dependencies = {} }]) =>
    Object.keys(dependencies)
      .filter((name) => resolve(folder, name) === undefined)
      .map((name) => `${name} of ${folder}`),
  );
  expect(missing).toEqual([]);
});

test('no registry is named: whoever installs uses their own', () => {
  const resolved = Object.values(packages).flatMap((entry) => entry.resolved ?? []);
  expect(resolved.filter((address) => /^[a-z+]+:|\/\//.test(address))).toEqual([]);
  expect(text).not.toMatch(/https?:\/\/[^"]*\.tgz/);
});

test('every package has a version and a checksum', () => {
  const bare = Object.entries(packages).filter(
    ([folder, entry]) => folder !== '' && entry.link !== true && entry.inBundle !== true && !entry.integrity,
  );
  expect(bare.map(([folder]) => folder)).toEqual([]);
});

test('it fits package.json', () => {
  const manifest: LockedPackage = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  for (const kind of ['version', 'dependencies', 'devDependencies', 'peerDependencies'] as const) {
    expect(packages['']?.[kind], kind).toEqual(manifest[kind]);
  }
});
