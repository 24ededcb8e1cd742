// The checks inside the process, some time after its start. None of them waits.
import { readFileSync } from 'node:fs';
import type { Finding } from '../diagnose/codes.js';
import { bundledPackages } from '../sdk/hooks/bundled-modules.js';
import { unmetCopies } from '../sdk/hooks/observed-copies.js';

/** Code that bundlers add to each bundle. */
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
/** No bundle of one of them is smaller; a program that only contains such a text is. */
const MIN_BUNDLE_LENGTH = 30_000;

/** Copies of observed libraries that no hook of ours has met. */
export function checkCopies(): Finding[] {
  return unmetCopies().map((folder) => ({ code: 'SIETCH167', detail: folder }));
}

/**
 * Whether the program is a bundle with libraries inside that should be observed, and that have not
 * handed themselves over.
 */
export function checkBundle(script: string | undefined): Finding[] {
  if (script === undefined) return [];
  let text: string;
  try {
    text = readFileSync(script, 'utf8');
  } catch {
    return []; // Not a file, or gone.
  }
  const bundler = Object.entries(BUNDLER_MARKS).find(([, mark]) => mark.test(text))?.[0];
  const inside = Object.keys(LIBRARY_MARKS).filter((name) => isInside(name, text));
  const handedOver = bundledPackages();
  const missing = inside.filter((name) => !handedOver.has(name));
  if (handedOver.size > 0 && missing.length === 0) return [];
  if (bundler === undefined && (inside.length === 0 || text.length < MIN_BUNDLE_LENGTH)) return [];
  const looks = bundler === undefined ? 'looks like a bundle' : `looks made by ${bundler}`;
  return [{ code: 'SIETCH131', detail: `${script} ${looks}${missing.length === 0 ? '' : `, with ${missing.join(', ')} inside`}` }];
}

function isInside(name: string, text: string): boolean {
  return text.includes(`node_modules/${name}/`) || text.includes(LIBRARY_MARKS[name] ?? `node_modules/${name}/`);
}

/** `^20.6 || >=22`. */
export function checkNode(version: string): Finding[] {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major >= 22 || (major === 20 && minor >= 6) ? [] : [{ code: 'SIETCH137', detail: `Node.js ${version}` }];
}
