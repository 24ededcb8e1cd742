// What the bundle changes in foreign packages, and why. Each change is a plugin that must take effect, and a text that is replaced must be found as often as
// expected: a new version of a package that is written otherwise fails the build, and not, unseen, in production.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { ImportKind, Plugin, PluginBuild } from 'esbuild';

const resolveFrom = createRequire(import.meta.url).resolve;
/** Whether node_modules has the SDK 3.x (`npm run test:sdk-next`), whose packages have `exports`, and ES modules in dist. */
const isNext = resolveFrom('@opentelemetry/sdk-node').endsWith('.cjs');
const effects = new Map<string, number>();

/** @throws {Error} that names the plugins that have changed nothing. */
export function checkEffects(): void {
  const idle = [...effects].filter(([, count]) => count === 0).map(([name]) => name);
  if (idle.length > 0)
    throw new Error(`no effect of ${idle.join(', ')}: a package is built in another way, or the change is not needed any more`);
}

/** @param setup calls `changed` each time the plugin takes effect */
function foreignSource(name: string, setup: (bundler: PluginBuild, changed: () => void) => void): Plugin {
  effects.set(name, 0);
  return { name, setup: (bundler) => setup(bundler, () => effects.set(name, (effects.get(name) ?? 0) + 1)) };
}

/**
 * Replaces a text of a foreign file.
 * @throws {Error} when it is not there exactly `times` times.
 */
function replaceExactly(path: string, pattern: RegExp, replacement: string, times: number): string {
  const source = readFileSync(path, 'utf8');
  const found = source.match(pattern)?.length ?? 0;
  if (found !== times) throw new Error(`${path}: ${pattern} is there ${found} times, expected ${times}`);
  return source.replace(pattern, replacement);
}

/** Modules in the place of others: `contents` of each, by the path that is resolved. */
function substitute(bundler: PluginBuild, namespace: string, filter: RegExp, contents: string, changed: () => void, importer = /./): void {
  bundler.onResolve({ filter }, ({ path, importer: from }) => (importer.test(from) ? { path, namespace } : undefined));
  bundler.onLoad({ filter: /.*/, namespace }, () => {
    changed();
    return { contents, loader: 'js' };
  });
}

/** What sdk-node loads for settings that we handle ourselves (NodeSDK is given processors, readers and propagator) and for its other door, startNodeSDK. */
const neverUsed = foreignSource('never-used', (bundler, changed) => {
  const filter = /^(@opentelemetry\/(configuration|exporter-|propagator-|otlp-grpc-exporter-base)|\.\/start(\.mjs)?$)/;
  substitute(bundler, 'never-used', filter, 'module.exports = {};', changed, /\/@opentelemetry\/sdk-node\//);
});

/** Of sdk-node NodeSDK only; its index has all that OpenTelemetry exports as properties. */
const nodeSdkOnly = foreignSource('node-sdk-only', (bundler, changed) => {
  bundler.onResolve({ filter: /^@opentelemetry\/sdk-node$/ }, () => {
    changed();
    return { path: join(dirname(resolveFrom('@opentelemetry/sdk-node')), isNext ? 'sdk.mjs' : 'sdk.js') };
  });
});

/** Packages of OpenTelemetry that are CommonJS only; `require` of an ES module makes an object with a getter for each export, at each `require` anew. */
const COMMONJS =
  /@opentelemetry[\\/](sdk-node|sdk-trace-node|context-async-hooks|exporter-prometheus|instrumentation-\w+)[\\/]build[\\/]src[\\/].*\.js$/;
const ES_MODULES = '@opentelemetry/(?:api|api-logs|core|instrumentation|resources|sdk-logs|sdk-metrics|sdk-trace|semantic-conventions)';
const ANY_REQUIRE = new RegExp(`require\\("${ES_MODULES}"\\)`, 'g');
const REQUIRE_LINE = new RegExp(`^const (\\w+) = require\\("(${ES_MODULES})"\\);$`, 'gm');

function importedEsModules(): Plugin {
  return foreignSource('imported-es-modules', (bundler, changed) => {
    bundler.onLoad({ filter: COMMONJS }, ({ path }) => {
      const requires = readFileSync(path, 'utf8').match(ANY_REQUIRE)?.length ?? 0;
      if (requires > 0) changed();
      return { contents: replaceExactly(path, REQUIRE_LINE, 'import * as $1 from "$2";', requires) };
    });
  });
}

/** The SDK 3.x gives `require` other files than `import`: there would be two copies of each package. */
function requiredEsModules(): Plugin {
  const required: readonly ImportKind[] = ['require-call', 'require-resolve'];
  return foreignSource('required-es-modules', (bundler, changed) => {
    bundler.onResolve({ filter: /^@opentelemetry\// }, async ({ path, kind, importer, resolveDir }) => {
      if (!required.includes(kind)) return undefined;
      changed();
      return bundler.resolve(path, { kind: 'import-statement', importer, resolveDir });
    });
  });
}

/** For src/sdk/hooks/import-hooks.ts, which takes its place until it is needed. */
function lateImportHooks(src: string): Plugin {
  return foreignSource('late-import-hooks', (bundler, changed) => {
    bundler.onResolve({ filter: /^import-in-the-middle$/ }, ({ importer }) => {
      if (!importer.includes('@opentelemetry')) return { path: 'import-in-the-middle', external: true };
      changed();
      return { path: join(src, 'sdk/hooks/import-hooks.ts') };
    });
  });
}

/** For src/sdk/hooks/require-hooks.ts. */
function ownRequireHooks(src: string): Plugin {
  return foreignSource('own-require-hooks', (bundler, changed) => {
    bundler.onResolve({ filter: /\/RequireInTheMiddleSingleton(\.mjs)?$/ }, () => {
      changed();
      return { path: join(src, 'sdk/hooks/require-hooks.ts') };
    });
  });
}

/** A package that lies in a bundle has no manifest to read: src/sdk/hooks/bundled-modules.ts knows its version. */
function versionsOfBundled(src: string): Plugin {
  return foreignSource('versions-of-bundled', (bundler, changed) => {
    bundler.onLoad(
      { filter: /@opentelemetry[\\/]instrumentation[\\/](?:build[\\/]esm|dist)[\\/]platform[\\/]node[\\/]instrumentation\.m?js$/ },
      ({ path }) => {
        changed();
        const read = 'const bundled = bundledVersion(baseDir); if (bundled !== undefined) return bundled;';
        const changedSource = replaceExactly(path, /_extractPackageVersion\(baseDir\) \{/g, `$& ${read}`, 1);
        const from = JSON.stringify(join(src, 'sdk/hooks/package-version.ts'));
        return { contents: `import { bundledVersion } from ${from};${changedSource}` };
      },
    );
  });
}

/** The server of upstream's Prometheus exporter, which makes one and never starts it: metrics are answered by our own. */
const withoutExporterServer = foreignSource('without-exporter-server', (bundler, changed) => {
  const contents = 'const server = { unref: () => server }; exports.createServer = () => server;';
  substitute(bundler, 'without-exporter-server', /^http$/, contents, changed, /exporter-prometheus[\\/]/);
});

/** Node loads perf_hooks for `performance` when it is first asked for. The SDK 3.x asks when it needs it. */
function latePerformance(): Plugin {
  return foreignSource('late-performance', (bundler, changed) => {
    bundler.onLoad({ filter: /@opentelemetry[\\/]core[\\/]build[\\/]esm[\\/]platform[\\/]node[\\/]index\.js$/ }, ({ path }) => {
      changed();
      const late = 'otperformance = { now: () => performance.now(), get timeOrigin() { return performance.timeOrigin; } };';
      return { contents: replaceExactly(path, /otperformance = performance;/g, late, 1) };
    });
  });
}

/** Diagnostics of require-in-the-middle, for its own developers. */
const withoutDebug = foreignSource('without-debug', (bundler, changed) => {
  substitute(bundler, 'without-debug', /^debug$/, 'module.exports = () => () => {};', changed);
});

/** Parts of Node that not every process needs are loaded when something of them is used: TLS alone costs more than all of our own code. */
const LAZY_BUILTINS = /^(?:node:)?(http|https|net|tls|zlib|crypto|dns|child_process|v8|inspector|cluster|readline|worker_threads|module)$/;

const lazyBuiltins = foreignSource('lazy-builtins', (bundler, changed) => {
  bundler.onResolve({ filter: LAZY_BUILTINS }, ({ path, namespace }) =>
    namespace === 'lazy-builtin' ? { path, external: true } : { path: path.replace('node:', ''), namespace: 'lazy-builtin' },
  );
  bundler.onLoad({ filter: /.*/, namespace: 'lazy-builtin' }, ({ path }) => {
    changed();
    return { contents: lazyModule(path), loader: 'js' };
  });
});

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

/**
 * The semantic conventions are a few thousand constants, made one by one at each start. Only those stay whose names stand anywhere in the other files.
 * @param inputs paths of the other files
 */
export function onlyUsedConventions(inputs: readonly string[]): Plugin {
  const used = new Set(inputs.flatMap((file) => readFileSync(file, 'utf8').match(/\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b/g) ?? []));
  return foreignSource('only-used-conventions', (bundler, changed) => {
    // By `import` and by `require` the package has two files with the same in it.
    bundler.onResolve({ filter: /^@opentelemetry\/semantic-conventions(\/incubating)?$/ }, ({ path }) => ({ path: resolveFrom(path) }));
    bundler.onLoad({ filter: /semantic-conventions[\\/]dist[\\/]index(-incubating)?\.cjs$/ }, ({ path }) => {
      changed();
      const all: Readonly<Record<string, unknown>> = createRequire(path)(path);
      const kept = Object.entries(all).filter(([name, value]) => used.has(name) && typeof value !== 'function');
      return { contents: kept.map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};`).join('\n'), loader: 'js' };
    });
  });
}

/** @param src the folder of our own sources, some of which take the place of upstream's */
export function foreignSources(src: string): Plugin[] {
  return [
    neverUsed,
    nodeSdkOnly,
    ...(isNext ? [requiredEsModules()] : [importedEsModules(), latePerformance()]),
    lateImportHooks(src),
    ownRequireHooks(src),
    versionsOfBundled(src),
    withoutDebug,
    withoutExporterServer,
    lazyBuiltins,
  ];
}
