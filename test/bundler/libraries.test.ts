// Each observed library inside of a bundle, in the first and the last version that is supported and those between that are observed in another way: the
// same spans as outside of it. The last ones as ES modules too, where they are published as such.
import { mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Exit, runApp } from '../support/app.ts';
import { ROOT } from '../support/checkout.ts';
import {
  installedLibrary,
  LOGGERS,
  namesOf,
  nodeFor,
  packagesOf,
  problemsIn,
  SPANS,
  UNTIMED,
  VERSIONS,
} from '../support/library-versions.ts';
import { INSTALLING_MS } from '../support/npm-packages.ts';
import { type Receiver, spanTree, startReceiver } from '../support/otlp.ts';
import { freshDatabase, freshRedis } from '../support/servers.ts';
import { REQUIRE_BANNER, sietchOtel } from './plugin.ts';

const PROGRAM = readFileSync(join(ROOT, 'test/app/library-use.cjs'), 'utf8');
/** They read files of their own beside themselves, scripts and a table of MIME types: no bundle of them works, with or without us. */
const NOT_TO_BUNDLE: ReadonlySet<string> = new Set(['bull@4.0.0', 'express@4.0.0']);
/** Each library of the program. */
const REQUIRED = /\brequire\('([^'.]+)'\)/g;

let receiver: Receiver;
let folder: string;
beforeEach(async () => {
  receiver = await startReceiver();
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'sietch-otel-bundled-library-')));
});
afterEach(async () => {
  await receiver.close();
  rmSync(folder, { recursive: true, force: true });
});

describe.each(VERSIONS)('%s', (name, _before, supported) => {
  const last = supported[supported.length - 1] ?? supported[0];
  const versions = supported.filter((version) => !NOT_TO_BUNDLE.has(`${name}@${version}`));
  const bundles = [...versions.map((version) => [version, 'cjs'] as const), [last, 'mjs'] as const];
  test.each(bundles)('%s, %s', { timeout: INSTALLING_MS }, async (version, extension) => {
    const { code, stdout, stderr } = await runBundled(name, version, extension);
    expect({ code, problems: problemsIn(stderr) }, stderr).toEqual({ code: 0, problems: [] });
    expect(namesOf(name, spanTree(receiver.store.spans))).toEqual(SPANS[name]);
    if (LOGGERS.has(name)) expect(JSON.parse(stdout)).toMatchObject({ trace_id: receiver.store.spans[0]?.traceId });
  });
});

async function runBundled(name: string, version: string, extension: 'cjs' | 'mjs'): Promise<Exit> {
  symlinkSync(await installedLibrary(name, version), join(folder, 'node_modules'));
  const packages = Object.keys(packagesOf(name, version));
  const entry = join(folder, `use.${extension}`);
  writeFileSync(entry, extension === 'cjs' ? PROGRAM : importing(packages));
  const outfile = join(folder, `bundle.${extension}`);
  await build({
    entryPoints: [entry],
    outfile,
    format: extension === 'cjs' ? 'cjs' : 'esm',
    bundle: true,
    platform: 'node',
    mainFields: extension === 'cjs' ? ['main'] : ['module', 'main'],
    minify: true,
    // Nest's containers know classes by name.
    keepNames: true,
    banner: extension === 'cjs' ? {} : { js: REQUIRE_BANNER },
    alias: { '@opentelemetry/api': join(ROOT, 'node_modules/@opentelemetry/api') },
    // Compiled for the machine.
    external: ['dtrace-provider'],
    plugins: [sietchOtel.esbuild(), missingOutside],
    logLevel: 'silent',
  });
  rmSync(join(folder, 'node_modules'));
  const env = { DATABASE_URL: await freshDatabase(), REDIS_URL: await freshRedis(), SIETCH_OTEL_CIRCUIT_SPANS: 'on', ...UNTIMED };
  return runApp(outfile, { args: [name], receiver, node: await nodeFor(name, version), env }).waitForExit(60_000);
}

/** The program with imports of these packages in the place of `require`. */
function importing(packages: readonly string[]): string {
  const imports = packages.map((name, index) => `import * as library${index} from '${name}';`);
  const program = PROGRAM.replace(REQUIRED, (whole, name) => {
    const index = packages.indexOf(name);
    return index < 0 ? whole : `(library${index}.default ?? library${index})`;
  });
  return `${imports.join('\n')}\n${program}`;
}

/** What is not installed stays outside: the program's other libraries, and what packages ask for where it is there. */
const missingOutside: Plugin = {
  name: 'missing-outside',
  setup(bundler) {
    bundler.onResolve({ filter: /./ }, async ({ path, pluginData, ...from }) => {
      if (pluginData?.isAsked === true || from.kind === 'entry-point') return undefined;
      const { errors } = await bundler.resolve(path, { ...from, pluginData: { ...pluginData, isAsked: true } });
      return errors.length > 0 ? { path, external: true } : undefined;
    });
  },
};
