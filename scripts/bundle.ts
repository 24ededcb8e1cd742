// npm run build, second half: puts src, and all of OpenTelemetry that it needs, into one file. A preload that opens a thousand files is slow to start;
// one file with a V8 code cache is not. ES modules go in where there are any: what one of them imports from another is then a variable, while exports of
// CommonJS modules are read through getters, which is what hot functions then spend their time on. Types are tsc's; each door of the package is a line.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, type BuildResult, build, type Metafile } from 'esbuild';
import { integrations } from '../src/integrations/integrations.ts';
import { API_PACKAGE } from '../src/sdk/api/api-copies.ts';
import { KNOWN_LIBRARIES, modulesOf } from '../src/sdk/hooks/known-libraries.ts';
import { SUPPORTED } from '../src/sdk/hooks/supported-versions.ts';
import { bundledPackages, notice, sbom } from './bundle/contents.ts';
import { checkEffects, foreignSources, onlyUsedConventions } from './bundle/foreign-sources.ts';
import { buildPage } from './bundle/page.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SRC = join(ROOT, 'src');
const DIST = join(ROOT, 'dist');

/** The doors of the package. */
const DOORS = ['index', 'start', 'webhooks/library', 'breaker/library', 'logging/library'];

/** The command: no app runs it, so it is not in what each app reads at its start. */
const COMMAND = 'cli/main';

/**
 * Files beside the bundle. The preload looks whether there is anything to start before it loads the bundle; those that run as threads of their own are
 * started by path.
 */
const PROGRAMS = [
  'register.ts',
  'register.mts',
  'bundle-loader.ts',
  'bundler.ts',
  'bundler/webpack-loader.ts',
  'cli/mcp/mcp-server.ts',
  'declarative/configuration-file.ts',
  'doctor/doctor-preload.ts',
  'exit/exit-worker.ts',
  'webhooks/close-worker.ts',
];

/** As Node wraps a CommonJS module; bundle-loader.js runs the file as a script. ES modules are strict, which the bundler takes for granted. */
const WRAPPER = { head: '(function (exports, require, module, __filename, __dirname) {"use strict";', foot: '})' };

/** Not in the bundle: hooked by Node (import-in-the-middle), the app's own, or asked for by few (gRPC). The API is in it: its copies share one global. */
const EXTERNAL = [
  'import-in-the-middle',
  '@opentelemetry/exporter-*-otlp-grpc',
  '@opentelemetry/otlp-grpc-exporter-base',
  'bullmq',
  'ioredis',
  'opossum',
  'pg',
  'pino',
];

/**
 * The packages that the plugin for bundlers makes hand themselves over: those that integrations and the app's own instrumentations hook, and those that are
 * only looked at.
 */
const instrumented = KNOWN_LIBRARIES.filter(({ instrumentation }) => instrumentation !== undefined);
const hooked = [...Object.values(integrations).flatMap(({ modules }) => modules), ...instrumented.flatMap(modulesOf)];
const observed = new Set(hooked.filter((name) => !isBuiltin(name)));
const looked = [...Object.keys(SUPPORTED), ...KNOWN_LIBRARIES.map(({ name }) => name), API_PACKAGE].filter(
  (name) => !observed.has(name) && !name.endsWith('*'),
);

const common: BuildOptions & { metafile: true; write: false } = {
  bundle: true,
  platform: 'node',
  target: 'node20.6',
  // A script from V8's code cache cannot `import()`.
  supported: { 'dynamic-import': false },
  format: 'cjs',
  charset: 'ascii',
  // Both for `import` and for `require`: one copy of each package.
  mainFields: ['module', 'main'],
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: true,
  sourcesContent: false,
  metafile: true,
  write: false,
  external: EXTERNAL,
  plugins: foreignSources(SRC),
  legalComments: 'none',
};

async function main(): Promise<void> {
  const stdin = doorsOf(DOORS);
  const whole = await build({ ...common, stdin: doorsOf([...DOORS, COMMAND]) });
  const others = Object.keys(whole.metafile.inputs).filter((file) => !file.includes('semantic-conventions') && /\.[cm]?[jt]s$/.test(file));
  const plugins = [...(common.plugins ?? []), onlyUsedConventions(others.map((file) => join(ROOT, file)))];
  const bundle = await build({
    ...common,
    plugins,
    stdin,
    outfile: join(DIST, 'bundle.js'),
    banner: { js: WRAPPER.head },
    footer: { js: WRAPPER.foot },
  });
  const command = await build({ ...common, plugins, entryPoints: [join(SRC, `${COMMAND}.ts`)], outfile: join(DIST, 'command.js') });
  for (const { metafile } of [bundle, command]) checkOneCopyEach(metafile);
  checkEffects();
  const id = createHash('sha256')
    .update(bundle.outputFiles.map(({ text }) => text).join(''))
    .digest('hex')
    .slice(0, 16);
  const programs = await Promise.all(PROGRAMS.map((file) => buildProgram(file, id)));
  removeAllBut(declarations([...DOORS, COMMAND, 'register', 'bundler']));
  const built = [bundle, command, ...programs];
  for (const { outputFiles } of built) for (const file of outputFiles) checkAscii(file);
  for (const { outputFiles } of built)
    for (const { path, text } of outputFiles) writeFileSync(path, path.endsWith('.map') ? text : inOneShape(text));
  const page = await buildPage(join(SRC, 'view/page'), join(DIST, 'view'));
  for (const { path, contents } of page.outputFiles) writeFileSync(path, contents);
  for (const door of DOORS) writeDoor(door);
  writeFileSync(join(DIST, `${COMMAND}.js`), "#!/usr/bin/env node\nrequire('../command.js');\n");
  const packages = bundledPackages(
    ROOT,
    [...built, page].map(({ metafile }) => metafile),
  );
  writeFileSync(join(DIST, 'NOTICE.txt'), notice(packages));
  writeFileSync(join(DIST, 'sbom.cdx.json'), sbom(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')), packages));
}

/** A file that exports the doors, to be opened one by one. */
function doorsOf(doors: readonly string[]): { contents: string; resolveDir: string } {
  const contents = `module.exports = {\n${doors.map((door) => `  '${door}': () => require('.//${door}.ts'),`).join('\n')}\n};`;
  return { contents, resolveDir: SRC };
}

/**
 * @throws {Error} when a package is in the bundle both as ES modules and as CommonJS: its classes and its state would be there twice.
 */
function checkOneCopyEach({ inputs }: Metafile): void {
  const formats = new Map<string, string>();
  for (const input of Object.keys(inputs)) {
    const [, name = '', folder, extension = ''] = /node_modules\/(@[^/]+\/[^/]+)\/(?:build\/(\w+)|dist)\/.*\.(\w+)$/.exec(input) ?? [];
    const format = folder ?? extension;
    if ((formats.get(name) ?? format) !== format) throw new Error(`two copies of ${name} in the bundle`);
    formats.set(name, format);
  }
}

/**
 * A file that is read as Latin-1, which is faster, must be ASCII. The bundler escapes all but comments and tagged templates.
 * @throws {Error} that names the place.
 */
function checkAscii({ path, text }: { readonly path: string; readonly text: string }): void {
  const at = path.endsWith('.map') ? -1 : text.search(/[\u0080-\uffff]/);
  if (at >= 0)
    throw new Error(`${basename(path)} is not ASCII: ${JSON.stringify(text.slice(at - 60, at + 20))}; write an entity or an escape`);
}

/**
 * esbuild keeps each module in an object `{"path of the file"(){…}}`, whose only key names it in profiles. A thousand objects with keys of their own are a
 * thousand hidden classes of V8 at each start: with one key they are one, and need not be asked for it. Padded, so that the source map stays right.
 */
function inOneShape(text: string): string {
  return text
    .replace(/(?<=\b__(?:esm|commonJS)\(\{)"[^"]+"(?=\()/g, (key) => 'run'.padEnd(key.length))
    .replace(/(?<=\b(fn|cb))\[__getOwnPropNames\(\1\)\[0\]\]/g, (read) => '.run'.padEnd(read.length));
}

function buildProgram(file: string, bundleId: string): Promise<BuildResult<typeof common>> {
  const outfile = join(DIST, basename(file).replace(/ts$/, 'js'));
  const format = file.endsWith('.mts') ? 'esm' : 'cjs';
  const values = { BUNDLE_ID: bundleId, OBSERVED_PACKAGES: [...observed], MAIN_FILES_OF: looked };
  const define = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, JSON.stringify(value)]));
  return build({
    ...common,
    format,
    define,
    external: [...EXTERNAL, './start.js', './register.js'],
    entryPoints: [join(SRC, file)],
    outfile,
  });
}

function removeAllBut(kept: readonly string[]): void {
  for (const file of filesBelow(DIST)) if (!kept.includes(file)) rmSync(join(DIST, file));
}

/** The declarations of the doors, and those that they import. */
function declarations(doors: readonly string[]): string[] {
  const found = new Set<string>();
  const visit = (file: string): void => {
    if (found.has(file)) return;
    found.add(file);
    const imports = readFileSync(join(DIST, file), 'utf8').matchAll(/(?:from|import\() ?['"](\.[^'"]*)\.js['"]/g);
    for (const [, path = ''] of imports) visit(join(dirname(file), `${path}.d.ts`));
  };
  for (const door of doors) visit(`${door}.d.ts`);
  return [...found, 'register.d.mts'];
}

/** The line that is never run names the exports: Node finds those of a CommonJS file by reading it, for `import { … }`. */
function writeDoor(door: string): void {
  const up = '../'.repeat(door.split('/').length - 1) || './';
  const file = join(DIST, `${door}.js`);
  const load = `require('${up}bundle-loader.js').loadBundle()['${door}']()`;
  writeFileSync(file, `module.exports = ${load};\n`);
  const names = Object.keys(createRequire(file)(file)).filter((name) => name !== 'default');
  writeFileSync(file, `module.exports = ${load};\n0 && (module.exports = { ${names.join(', ')} });\n`);
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => statSync(join(folder, file)).isFile());
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
