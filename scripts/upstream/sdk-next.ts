// `npm run test:sdk-next`: the tests of our ports onto the inside of OpenTelemetry, in a copy of this repository that has the SDK 3.x, the line after the
// one that the package is made for. Nothing is built: docs/architecture.md says what the bundle would take.
import { newestIn } from './registry.ts';
import { ownVersions, ScratchCopy, type Versions } from './scratch-copy.ts';

/** Node.js that the SDK 3.x asks for. */
const NEEDED = [22, 15] as const;
/** Instrumentations of contrib have no major version of their own for it: the newest of them belong to it. */
const NEXT = /^(3\.|0\.30\d\.)/;
/** The API of the SDK 3.x, which has that of logs in it. */
const API = { '@opentelemetry/api': '1.10.0', '@opentelemetry/api-logs': 'npm:@opentelemetry/api@1.10.0' };
const CONFIG = 'scripts/upstream/vitest.config.ts';
const TESTS = ['test/sdk/ports.test.ts', 'test/sdk/trace', 'test/sdk/metrics', 'test/export', 'test/prometheus'];

function main(): void {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1])) {
    console.error(`The SDK 3.x needs Node.js ${NEEDED.join('.')} or later, this is ${process.versions.node}.`);
    process.exitCode = 1;
    return;
  }
  const versions = nextVersions();
  for (const [name, version] of Object.entries(versions)) console.log(`${name}  ${version}`);
  const copy = new ScratchCopy();
  const isGreen = copy.install(versions) && copy.test(CONFIG, TESTS);
  if (isGreen) copy.remove();
  else console.log(`Red: the copy is in ${copy.folder}`);
  process.exitCode = isGreen ? 0 : 1;
}

/** What has no such version, as the propagator of Jaeger has not, stays what it is. */
function nextVersions(): Versions {
  const own = Object.entries(ownVersions()).map(([name, range]): [string, string] => {
    const newest = newestIn(name, '*') ?? range;
    return [name, NEXT.test(newest) || name.includes('/instrumentation-') ? newest : range];
  });
  return { ...Object.fromEntries(own), ...API };
}

main();
