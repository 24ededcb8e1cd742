// `npm run upstream`: takes the newest OpenTelemetry in the range that this repository is made for (2.x, and the 0.x that belongs to it) into a copy, builds
// it, runs the tests of what depends on the inside of OpenTelemetry, and prints what changed.
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { newestIn } from './registry.ts';
import { ownVersions, ROOT, ScratchCopy, type Versions } from './scratch-copy.ts';

const CONFIG = 'test/vitest.config.ts';
const TESTS = [
  'test/sdk/ports.test.ts',
  'test/sdk/trace',
  'test/sdk/metrics',
  'test/sdk/in-code.test.ts',
  'test/export',
  'test/exit/exit-metrics.test.ts',
  'test/prometheus/exemplars.test.ts',
  'test/prometheus/exposition.test.ts',
  'test/conformance',
  'test/packaging/bundle.test.ts',
];

function main(): void {
  const own = ownVersions();
  const newest = Object.fromEntries(Object.entries(own).map(([name, range]) => [name, newestOf(name, range)]));
  const changed = Object.keys(own).filter((name) => newest[name] !== own[name]);
  for (const name of changed) console.log(`${name}  ${own[name]} -> ${newest[name]}`);
  if (changed.length === 0) console.log('OpenTelemetry: the newest versions in range are those of package.json.');
  else process.exitCode = tryOut(newest) ? 0 : 1;
}

/** A minor version of 0.x is a major one. */
function newestOf(name: string, range: string): string {
  const exact = /^\d+\.\d+\.\d+$/.test(range);
  return exact ? (newestIn(name, `^${range}`) ?? range) : range;
}

function tryOut(versions: Versions): boolean {
  const copy = new ScratchCopy();
  const failed = !copy.install(versions)
    ? 'npm install'
    : !copy.build()
      ? 'the build'
      : !copy.test(CONFIG, TESTS)
        ? 'the tests'
        : undefined;
  if (failed === undefined || failed === 'the tests') printSizes(copy.folder);
  if (failed === undefined) {
    console.log('All of it is green: put these versions into package.json, and run npm install.');
    copy.remove();
  } else console.log(`Red: ${failed}. The copy is in ${copy.folder}`);
  return failed === undefined;
}

function printSizes(folder: string): void {
  const [before, after] = [ROOT, folder]
    .map((root) => join(root, 'dist/bundle.js'))
    .map((file) => (existsSync(file) ? statSync(file).size : 0));
  console.log(`dist/bundle.js: ${before} -> ${after} bytes`);
}

main();
