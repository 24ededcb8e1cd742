// `npm run test:sdk-next`: builds the package with the SDK 3.x, the line after the one that it is made for, in a copy of this repository, and runs the tests of
// what depends on the inside of OpenTelemetry; under Node.js 24 where this one is too old for that SDK.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { nodeBinary } from '../../test/support/node-versions.ts';
import { ownVersions, ScratchCopy, type Versions } from './scratch-copy.ts';

/** Node.js that the SDK 3.x asks for. */
const NEEDED = [22, 15] as const;
/** The line, bound to its patches: a release upstream must not turn this red by itself. */
const SDK = '~3.1.0';
const EXPERIMENTAL = '~0.301.0';
/** Packages that have a version of their own. The API of the SDK 3.x has that of logs in it; the propagator of Jaeger ends with 2.x. */
const OTHERS: Versions = {
  '@opentelemetry/api': '~1.10.0',
  '@opentelemetry/api-logs': 'npm:@opentelemetry/api@~1.10.0',
  '@opentelemetry/instrumentation-express': '~0.72.0',
  '@opentelemetry/instrumentation-ioredis': '~0.72.0',
  '@opentelemetry/instrumentation-pg': '~0.77.0',
  '@opentelemetry/instrumentation-pino': '~0.70.0',
  '@opentelemetry/instrumentation-runtime-node': '~0.37.0',
  '@opentelemetry/instrumentation-undici': '~0.34.0',
  '@opentelemetry/propagator-jaeger': '~2.12.0',
  '@opentelemetry/sdk-logs': SDK,
};
/** The SDK 3.x exports no files of its packages, and has no types of them: the copy imports them by their paths. */
const UNEXPORTED = '@opentelemetry/instrumentation-http/build/src/utils.js';
const ITS_PATH = 'node_modules/@opentelemetry/instrumentation-http/dist/utils';
const ITS_IMPORTERS = ['src/integrations/http/incoming-attributes.ts', 'test/integrations/http/incoming-attributes.test.ts'];
const ITS_TYPES = `import type { IncomingMessage } from 'node:http';
import type { Attributes } from '@opentelemetry/api';
export declare function getIncomingRequestAttributes(request: IncomingMessage, ...more: unknown[]): Attributes;
export declare function getRemoteClientAddress(request: IncomingMessage): string | null;
`;
const CONFIG = 'scripts/upstream/vitest.config.ts';
const TESTS = [
  'test/preload.test.ts',
  'test/conformance',
  'test/export',
  'test/sdk/ports.test.ts',
  'test/sdk/metrics',
  'test/sdk/resource',
  'test/sdk/trace',
];

async function main(): Promise<void> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isOld = major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1]);
  if (isOld) process.exitCode = againUnder(await nodeBinary('24'));
  else process.exitCode = tryOut(nextVersions(), process.argv.slice(2)) ? 0 : 1;
}

/** Runs this program under another Node.js, with what it starts. Returns its exit code. */
function againUnder(node: string): number {
  const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env['PATH']}` };
  return spawnSync(node, [...process.execArgv, ...process.argv.slice(1)], { env, stdio: 'inherit' }).status ?? 1;
}

/** @param given test files in the place of ours */
function tryOut(versions: Versions, given: readonly string[]): boolean {
  for (const [name, version] of Object.entries(versions)) console.log(`${name}  ${version}`);
  const copy = new ScratchCopy();
  copy.replace(ITS_IMPORTERS, UNEXPORTED, `../../../${ITS_PATH}.mjs`);
  const isInstalled = copy.install(versions);
  if (isInstalled) writeFileSync(join(copy.folder, `${ITS_PATH}.d.mts`), ITS_TYPES);
  const isGreen = isInstalled && copy.build() && copy.test(CONFIG, given.length > 0 ? given : TESTS);
  if (isGreen) copy.remove();
  else console.log(`Red: the copy is in ${copy.folder}`);
  return isGreen;
}

function nextVersions(): Versions {
  const own = Object.entries(ownVersions()).map(([name, range]): [string, string] => {
    if (range.startsWith('2.')) return [name, SDK];
    return [name, /^0\.2\d\d\./.test(range) ? EXPERIMENTAL : range];
  });
  return { ...Object.fromEntries(own), ...OTHERS };
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
