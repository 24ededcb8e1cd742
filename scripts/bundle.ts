// npm run build, second half: puts src, and all of OpenTelemetry that it needs, into one file. A preload that opens a thousand files is slow to start;
// one file with a V8 code cache is not. ES modules go in where there are any: what one of them imports from another is then a variable, while exports of
// CommonJS modules are read through getters, which is what hot functions then spend their time on. Types are tsc's; each door of the package is a line.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, type BuildResult, build, type Metafile, type Plugin } from 'esbuild';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SRC = join(ROOT, 'src');
const DIST = join(ROOT, 'dist');

/** The doors of the package. */
const DOORS = ['index', 'start', 'webhooks/library', 'breaker/library', 'logging/library', 'cli/main'];

/**
 * Files beside the bundle. The preload looks whether there is anything to start before it loads the bundle; those that run as threads of their own are
 * started by path.
 */
const PROGRAMS = [
  'register.ts',
  'register.mts',
  'bundle-loader.ts',
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

/** What sdk-node loads for settings that we handle ourselves (NodeSDK is given processors, readers and propagator) and for its other door, startNodeSDK. */
const neverUsed: Plugin = {
  name: 'never-used',
  setup(bundler) {
    bundler.onResolve(
      { filter: /^(@opentelemetry\/(configuration|exporter-|propagator-|otlp-grpc-exporter-base)|\.\/start$)/ },
      ({ path, importer }) => (importer.includes('/@opentelemetry/sdk-node/') ? { path, namespace: 'never-used' } : undefined),
    );
    bundler.onLoad({ filter: /.*/, namespace: 'never-used' }, () => ({ contents: 'module.exports = {};', loader: 'js' }));
  },
};

/** Of sdk-node NodeSDK only; its index has all that OpenTelemetry exports as properties. */
const nodeSdkOnly: Plugin = {
  name: 'node-sdk-only',
  setup(bundler) {
    bundler.onResolve({ filter: /^@opentelemetry\/sdk-node$/ }, () => ({
      path: join(dirname(require.resolve('@opentelemetry/sdk-node')), 'sdk.js'),
    }));
  },
};

/** Packages of OpenTelemetry that are CommonJS only; `require` of an ES module makes an object with a getter for each export, at each `require` anew. */
const COMMONJS =
  /@opentelemetry[\\/](sdk-node|sdk-trace-node|context-async-hooks|exporter-prometheus|instrumentation-\w+)[\\/]build[\\/]src[\\/].*\.js$/;
const REQUIRED_ES_MODULE =
  /^const (\w+) = require\("(@opentelemetry\/(?:api|api-logs|core|instrumentation|resources|sdk-logs|sdk-metrics|sdk-trace|semantic-conventions))"\);$/gm;

const importedEsModules: Plugin = {
  name: 'imported-es-modules',
  setup(bundler) {
    bundler.onLoad({ filter: COMMONJS }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(REQUIRED_ES_MODULE, 'import * as $1 from "$2";'),
    }));
  },
};

/** For src/sdk/hooks/import-hooks.ts, which takes its place until it is needed. */
const lateImportHooks: Plugin = {
  name: 'late-import-hooks',
  setup(bundler) {
    bundler.onResolve({ filter: /^import-in-the-middle$/ }, ({ importer }) =>
      importer.includes('@opentelemetry')
        ? { path: join(SRC, 'sdk/hooks/import-hooks.ts') }
        : { path: 'import-in-the-middle', external: true },
    );
  },
};

/** For src/sdk/hooks/require-hooks.ts. */
const ownRequireHooks: Plugin = {
  name: 'own-require-hooks',
  setup(bundler) {
    bundler.onResolve({ filter: /\/RequireInTheMiddleSingleton$/ }, () => ({ path: join(SRC, 'sdk/hooks/require-hooks.ts') }));
  },
};

/** Parts of Node that not every process needs are loaded when something of them is used: TLS alone costs more than all of our own code. */
const LAZY_BUILTINS = /^(?:node:)?(http|https|net|tls|zlib|crypto|dns|child_process|v8|inspector|cluster|readline|worker_threads|module)$/;

const lazyBuiltins: Plugin = {
  name: 'lazy-builtins',
  setup(bundler) {
    bundler.onResolve({ filter: LAZY_BUILTINS }, ({ path, namespace }) =>
      namespace === 'lazy-builtin' ? { path, external: true } : { path: path.replace('node:', ''), namespace: 'lazy-builtin' },
    );
    bundler.onLoad({ filter: /.*/, namespace: 'lazy-builtin' }, ({ path }) => ({ contents: lazyModule(path), loader: 'js' }));
  },
};

/** `__esModule` and the prototype are for the bundler's and the compiler's helpers, which else copy each export of a module, and load it so. */
function lazyModule(name: string): string {
  return `let loaded;
const load = () => (loaded ??= require('node:${name}'));
const lazy = module.exports = new Proxy({}, {
  get: (_, key) => (key === '__esModule' ? true : key === 'default' ? load() : load()[key]),
  has: (_, key) => key in load(),
  ownKeys: () => [],
  getPrototypeOf: () => lazy,
});`;
}

/** The server of upstream's Prometheus exporter, which makes one and never starts it: metrics are answered by our own. */
const withoutExporterServer: Plugin = {
  name: 'without-exporter-server',
  setup(bundler) {
    bundler.onResolve({ filter: /^http$/ }, ({ importer }) =>
      /exporter-prometheus[\\/]/.test(importer) ? { path: 'http', namespace: 'without-exporter-server' } : undefined,
    );
    bundler.onLoad({ filter: /.*/, namespace: 'without-exporter-server' }, () => ({
      contents: 'const server = { unref: () => server }; exports.createServer = () => server;',
      loader: 'js',
    }));
  },
};

/** Node loads perf_hooks for `performance` when it is first asked for. */
const latePerformance: Plugin = {
  name: 'late-performance',
  setup(bundler) {
    bundler.onLoad({ filter: /@opentelemetry[\\/]core[\\/]build[\\/]esm[\\/]platform[\\/]node[\\/]index\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(
        'otperformance = performance;',
        'otperformance = { now: () => performance.now(), get timeOrigin() { return performance.timeOrigin; } };',
      ),
    }));
  },
};

/** Diagnostics of require-in-the-middle, for its own developers. */
const withoutDebug: Plugin = {
  name: 'without-debug',
  setup(bundler) {
    bundler.onResolve({ filter: /^debug$/ }, () => ({ path: 'debug', namespace: 'without-debug' }));
    bundler.onLoad({ filter: /.*/, namespace: 'without-debug' }, () => ({ contents: 'module.exports = () => () => {};', loader: 'js' }));
  },
};

/** The semantic conventions are a few thousand constants, made one by one at each start. Only those stay whose names stand anywhere in the other files. */
function onlyUsedConventions(inputs: readonly string[]): Plugin {
  const used = new Set(inputs.flatMap((file) => readFileSync(join(ROOT, file), 'utf8').match(/\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b/g) ?? []));
  return {
    name: 'only-used-conventions',
    setup(bundler) {
      // By `import` and by `require` the package has two files with the same in it.
      bundler.onResolve({ filter: /^@opentelemetry\/semantic-conventions(\/incubating)?$/ }, ({ path }) => ({
        path: require.resolve(path),
      }));
      bundler.onLoad({ filter: /semantic-conventions[\\/]dist[\\/]index(-incubating)?\.cjs$/ }, ({ path }) => {
        const all: Readonly<Record<string, unknown>> = createRequire(path)(path);
        const kept = Object.entries(all).filter(([name, value]) => used.has(name) && typeof value !== 'function');
        return { contents: kept.map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};`).join('\n'), loader: 'js' };
      });
    },
  };
}

/** Lets src/sdk/metrics/series-lookup.ts put its function in the place of the SDK's, as it can where the SDK is CommonJS. */
const replaceableHash: Plugin = {
  name: 'replaceable-hash',
  setup(bundler) {
    const path = '@opentelemetry/sdk-metrics/build/src/utils';
    bundler.onResolve({ filter: new RegExp(`^${path}$`) }, () => ({ path, namespace: 'replaceable-hash' }));
    bundler.onLoad({ filter: /.*/, namespace: 'replaceable-hash' }, () => ({
      contents: `import { hashAttributes, replaceHash } from '${path.replace('/src/', '/esm/')}';
module.exports = { get hashAttributes() { return hashAttributes; }, set hashAttributes(other) { replaceHash(other); } };`,
      resolveDir: ROOT,
    }));
    bundler.onLoad({ filter: /sdk-metrics[\\/]build[\\/]esm[\\/]utils\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8')
        .replace('export function hashAttributes(', 'export let hashAttributes = function (')
        .concat('\nexport function replaceHash(other) { hashAttributes = other; }'),
    }));
  },
};

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
  plugins: [
    neverUsed,
    nodeSdkOnly,
    importedEsModules,
    lateImportHooks,
    ownRequireHooks,
    withoutDebug,
    withoutExporterServer,
    latePerformance,
    lazyBuiltins,
    replaceableHash,
  ],
  legalComments: 'none',
};

async function main(): Promise<void> {
  const contents = `module.exports = {\n${DOORS.map((door) => `  '${door}': () => require('.//${door}.ts'),`).join('\n')}\n};`;
  const stdin = { contents, resolveDir: SRC };
  const whole = await build({ ...common, stdin });
  const others = Object.keys(whole.metafile.inputs).filter((file) => !file.includes('semantic-conventions') && /\.[cm]?[jt]s$/.test(file));
  const plugins = [...(common.plugins ?? []), onlyUsedConventions(others)];
  const bundle = await build({
    ...common,
    plugins,
    stdin,
    outfile: join(DIST, 'bundle.js'),
    banner: { js: WRAPPER.head },
    footer: { js: WRAPPER.foot },
  });
  checkOneCopyEach(bundle.metafile);
  const id = createHash('sha256')
    .update(bundle.outputFiles.map(({ text }) => text).join(''))
    .digest('hex')
    .slice(0, 16);
  const programs = await Promise.all(PROGRAMS.map((file) => buildProgram(file, id)));
  removeAllBut(declarations([...DOORS, 'register']));
  const built = [bundle, ...programs];
  for (const { outputFiles } of built) for (const file of outputFiles) checkAscii(file);
  for (const { outputFiles } of built) for (const { path, contents } of outputFiles) writeFileSync(path, contents);
  for (const door of DOORS) writeDoor(door);
  writeFileSync(join(DIST, 'NOTICE.txt'), notice(built.map(({ metafile }) => metafile)));
}

/**
 * @throws {Error} when a package is in the bundle both as ES modules and as CommonJS: its classes and its state would be there twice.
 */
function checkOneCopyEach({ inputs }: Metafile): void {
  const formats = new Map<string, string>();
  for (const [, name = '', format = ''] of Object.keys(inputs).map(
    (input) => /node_modules\/(@[^/]+\/[^/]+)\/build\/(\w+)\//.exec(input) ?? [],
  )) {
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

function buildProgram(file: string, bundleId: string): Promise<BuildResult<typeof common>> {
  const outfile = join(DIST, basename(file).replace(/ts$/, 'js'));
  const format = file.endsWith('.mts') ? 'esm' : 'cjs';
  const define = { BUNDLE_ID: JSON.stringify(bundleId) };
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
  if (door === 'cli/main') {
    writeFileSync(file, `#!/usr/bin/env node\n${load};\n`);
    return;
  }
  writeFileSync(file, `module.exports = ${load};\n`);
  const names = Object.keys(createRequire(file)(file)).filter((name) => name !== 'default');
  writeFileSync(file, `module.exports = ${load};\n0 && (module.exports = { ${names.join(', ')} });\n`);
}

/** Name, version and licence of every package that is in the bundles. */
function notice(metafiles: readonly Metafile[]): string {
  const folders = new Set(
    metafiles
      .flatMap(({ inputs }) => Object.keys(inputs))
      .flatMap((input) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(input)?.[0] ?? []),
  );
  const parts = [...folders].sort().map((folder) => {
    const { name, version, license }: Record<string, string> = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'));
    const file = readdirSync(join(ROOT, folder)).find((each) => /^licen[cs]e/i.test(each));
    return `${name} ${version} (${license})\n\n${file === undefined ? '' : readFileSync(join(ROOT, folder, file), 'utf8')}`;
  });
  return `bundle.js and the files of threads contain these packages.\n\n${parts.join(`\n${'-'.repeat(80)}\n`)}`;
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => statSync(join(folder, file)).isFile());
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
