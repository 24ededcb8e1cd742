// npm run build, second half: puts what tsc made of src, and all of OpenTelemetry that it needs, into one file. A preload that opens a thousand
// files is slow to start; one file with a V8 code cache is not. Types stay where tsc put them; each door of the package becomes a line.
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DIST = join(ROOT, 'dist');

/** The doors of the package. The loader of the bundle stays as tsc made it. */
const DOORS = ['index', 'start', 'queue/library', 'circuit/library', 'logging/library', 'cli/main'];
const KEPT = ['register.mjs', 'bundle-loader.js'];

/** As Node wraps a CommonJS module; bundle-loader.js runs the file as a script. */
const WRAPPER = { head: '(function (exports, require, module, __filename, __dirname) {', foot: '})' };

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

/** Parts of Node that not every process needs are loaded when something of them is used: TLS alone costs more than all of our own code. */
const LAZY_BUILTINS = /^(?:node:)?(https|tls|zlib|crypto|dns|child_process|v8|inspector|cluster|readline)$/;

const lazyBuiltins: Plugin = {
  name: 'lazy-builtins',
  setup(bundler) {
    bundler.onResolve({ filter: LAZY_BUILTINS }, ({ path, namespace }) =>
      namespace === 'lazy-builtin' ? { path, external: true } : { path: path.replace('node:', ''), namespace: 'lazy-builtin' },
    );
    bundler.onLoad({ filter: /.*/, namespace: 'lazy-builtin' }, ({ path }) => ({ contents: lazyModule(path), loader: 'js' }));
  },
};

function lazyModule(name: string): string {
  return `let loaded;
const load = () => (loaded ??= require('node:${name}'));
module.exports = new Proxy({}, {
  get: (_, key) => (key === '__esModule' ? undefined : load()[key]),
  has: (_, key) => key in load(),
  ownKeys: () => Reflect.ownKeys(load()),
  getOwnPropertyDescriptor(_, key) {
    const descriptor = Reflect.getOwnPropertyDescriptor(load(), key);
    return descriptor && { ...descriptor, configurable: true };
  },
});`;
}

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
      bundler.onLoad({ filter: /semantic-conventions[\\/]dist[\\/]index(-incubating)?\.cjs$/ }, ({ path }) => {
        const all: Readonly<Record<string, unknown>> = createRequire(path)(path);
        const kept = Object.entries(all).filter(([name, value]) => used.has(name) && typeof value !== 'function');
        return { contents: `module.exports = ${JSON.stringify(Object.fromEntries(kept))};`, loader: 'js' };
      });
    },
  };
}

const common: BuildOptions & { metafile: true } = {
  bundle: true,
  platform: 'node',
  target: 'node20.6',
  // A script from V8's code cache cannot `import()`.
  supported: { 'dynamic-import': false },
  format: 'cjs',
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: true,
  sourcesContent: false,
  metafile: true,
  external: EXTERNAL,
  plugins: [neverUsed, withoutDebug, lazyBuiltins],
  legalComments: 'none',
};

async function main(): Promise<void> {
  const compiled = filesBelow(DIST).filter((file) => file.endsWith('.js'));
  const doors = DOORS.filter((door) => compiled.includes(`${door}.js`));
  const contents = `module.exports = {\n${doors.map((door) => `  '${door}': () => require('./${door}.js'),`).join('\n')}\n};`;
  const stdin = { contents, resolveDir: DIST };
  const whole = await build({ ...common, stdin, write: false });
  const others = Object.keys(whole.metafile.inputs).filter((file) => !file.includes('semantic-conventions') && /\.[cm]?js$/.test(file));
  const plugins = [...(common.plugins ?? []), onlyUsedConventions(others)];
  const bundle = await build({
    ...common,
    plugins,
    stdin,
    outfile: join(DIST, 'bundle.js'),
    banner: { js: WRAPPER.head },
    footer: { js: WRAPPER.foot },
  });
  // The preload looks whether there is anything to start before it loads the bundle; files that run as threads of their own are started by path.
  const programs = ['register.js', ...compiled.filter((file) => file.endsWith('-worker.js'))];
  const built = await Promise.all(programs.map(buildProgram));
  const made = ['bundle.js', ...programs.map((file) => basename(file))];
  removeAllBut([...KEPT, ...declarations([...doors, 'register']), ...made, ...made.map((file) => `${file}.map`)]);
  for (const door of doors) writeDoor(door);
  writeFileSync(join(DIST, 'NOTICE.txt'), notice([bundle, ...built].map(({ metafile }) => metafile)));
}

function buildProgram(file: string): Promise<{ metafile: Metafile }> {
  const outfile = join(DIST, basename(file));
  return build({ ...common, external: [...EXTERNAL, './start.js'], entryPoints: [join(DIST, file)], outfile, allowOverwrite: true });
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
