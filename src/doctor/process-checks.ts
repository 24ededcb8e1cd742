// What can be seen from inside the process, some time after its start. Nothing here waits.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { loadedPackages } from '../sdk/loaded-packages.js';
import type { Finding } from './causes.js';

/** Supported versions: from this one on, below this major. As in package.json's peerDependencies; a test compares. */
export const SUPPORTED: Readonly<Record<string, readonly [from: string, belowMajor: number]>> = {
  bullmq: ['5.13.0', 7],
  ioredis: ['4.27.0', 7],
  opossum: ['8.0.0', 11],
  pg: ['8.0.3', 9],
  pino: ['5.14.0', 11],
};

/** What bundlers write into what they make. */
const BUNDLER_MARKS: Readonly<Record<string, RegExp>> = {
  rolldown: /\b__commonJSMin\b/,
  esbuild: /\bvar __commonJS\w* = |\b__toESM\d* = |\/\/ node_modules\//,
  webpack: /\bfunction __webpack_require__\b/,
  rollup: /\bgetDefaultExportFromCjs\b/,
};

/** Texts of the libraries that are left when a bundle is minified. */
const LIBRARY_MARKS: Readonly<Record<string, string>> = {
  bullmq: 'Missing lock for job',
  ioredis: 'Reached the max retries per request limit (which is',
  opossum: 'Cannot construct a CircuitBreaker without an invocable action',
  pg: 'Client has already been connected. You cannot reuse a client.',
  pino: 'pino.chindings',
};
/** No bundle of one of them is smaller; a program that only speaks of them is. */
const MIN_BUNDLE_LENGTH = 30_000;

export function checkVersions(): Finding[] {
  return loadedPackages(Object.keys(SUPPORTED)).flatMap(({ name, file }) => {
    const version = versionOf(name, file);
    return version === undefined || isSupported(name, version) ? [] : [{ code: 'SIETCH130', detail: `${name} ${version}` } as const];
  });
}

export function isSupported(name: string, version: string): boolean {
  const [from, belowMajor] = SUPPORTED[name] ?? ['0.0.0', Number.POSITIVE_INFINITY];
  const [major = 0, minor = 0, patch = 0] = version.split(/[.-]/).map(Number);
  const [fromMajor = 0, fromMinor = 0, fromPatch = 0] = from.split('.').map(Number);
  if (major >= belowMajor || major < fromMajor) return false;
  return major > fromMajor || minor > fromMinor || (minor === fromMinor && patch >= fromPatch);
}

/** Whether the program is a bundle that has libraries inside which should be observed. */
export function checkBundle(script: string | undefined): Finding[] {
  if (script === undefined) return [];
  let text: string;
  try {
    text = readFileSync(script, 'utf8');
  } catch {
    return []; // Not a file, or gone.
  }
  const bundler = Object.entries(BUNDLER_MARKS).find(([, mark]) => mark.test(text))?.[0];
  const inside = Object.keys(SUPPORTED).filter((name) => isInside(name, text));
  if (bundler === undefined && (inside.length === 0 || text.length < MIN_BUNDLE_LENGTH)) return [];
  const looks = bundler === undefined ? 'looks like a bundle' : `looks made by ${bundler}`;
  return [{ code: 'SIETCH131', detail: `${script} ${looks}${inside.length === 0 ? '' : `, with ${inside.join(', ')} inside`}` }];
}

function isInside(name: string, text: string): boolean {
  return text.includes(`node_modules/${name}/`) || text.includes(LIBRARY_MARKS[name] ?? `node_modules/${name}/`);
}

/** `^20.6 || >=22`. */
export function checkNode(version: string): Finding[] {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major >= 22 || (major === 20 && minor >= 6) ? [] : [{ code: 'SIETCH137', detail: `Node.js ${version}` }];
}

function versionOf(name: string, file: string): string | undefined {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    try {
      const manifest: { name?: unknown; version?: unknown } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      if (manifest.name === name && typeof manifest.version === 'string') return manifest.version;
    } catch {
      // Further up.
    }
  }
  return undefined;
}
