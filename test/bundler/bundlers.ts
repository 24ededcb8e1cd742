// The bundlers, from npm: each bundles a program with all that it imports into one file, minified, with a source map. No vitest here.
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type BuildOptions, build as buildWithEsbuild, type Plugin as EsbuildPlugin } from 'esbuild';
import type { Plugin as VitePlugin } from 'vite';
import { cacheDirectory } from '../support/cache.ts';
import { ROOT } from '../support/checkout.ts';
import { installedPackages } from '../support/npm-packages.ts';

export type Bundler = 'esbuild' | 'rollup' | 'vite' | 'webpack' | 'rspack';
export type Format = 'cjs' | 'esm';

export interface Bundling {
  /** The program, an absolute path. */
  readonly entry: string;
  readonly format: Format;
  /** `.cjs` or `.mjs`, as the format. */
  readonly outfile: string;
  /** False: without our plugin. */
  readonly plugin?: false;
}

export const BUNDLERS: readonly Bundler[] = ['esbuild', 'rollup', 'vite', 'webpack', 'rspack'];

const PACKAGES = {
  '@rollup/plugin-commonjs': '29.0.3',
  '@rollup/plugin-json': '6.1.0',
  '@rollup/plugin-node-resolve': '16.0.3',
  '@rollup/plugin-terser': '1.0.2',
  '@rspack/core': '2.3.3',
  rollup: '4.68.8',
  vite: '8.3.8',
  webpack: '5.113.0',
};

/** pg asks for it where it is installed; it is compiled for the machine and stays outside. */
const OUTSIDE = 'pg-native';

/** What the bundlers' own types say of our plugins. */
type Plugins = {
  readonly esbuild: EsbuildPlugin;
  readonly rollup: object;
  readonly vite: VitePlugin;
  readonly webpack: object;
  readonly rspack: object;
};

/** The node_modules with the bundlers. */
export function installedBundlers(): Promise<string> {
  return installedPackages(join(cacheDirectory('bundlers'), Object.values(PACKAGES).join('-')), PACKAGES);
}

/** @throws {Error} with what the bundler says. */
export async function bundle(bundler: Bundler, bundling: Bundling): Promise<void> {
  const { sietchOtel }: typeof import('../../src/bundler.js') = createRequire(import.meta.url)(join(ROOT, 'dist/bundler.js'));
  const one = <Plugin>(make: () => Plugin): Plugin[] => (bundling.plugin === false ? [] : [make()]);
  const builds: Readonly<Record<Bundler, () => Promise<void>>> = {
    esbuild: () => BUILDS.esbuild(bundling, one(sietchOtel.esbuild)),
    rollup: () => BUILDS.rollup(bundling, one(sietchOtel.rollup)),
    vite: () => BUILDS.vite(bundling, one(sietchOtel.vite)),
    webpack: () => BUILDS.webpack(bundling, one(sietchOtel.webpack)),
    rspack: () => BUILDS.rspack(bundling, one(sietchOtel.rspack)),
  };
  await builds[bundler]();
}

const BUILDS: { readonly [B in Bundler]: (bundling: Bundling, plugins: Plugins[B][]) => Promise<void> } = {
  async esbuild({ entry, format, outfile }, plugins) {
    const options: BuildOptions = { entryPoints: [entry], outfile, format, bundle: true, platform: 'node', minify: true, sourcemap: true };
    // CommonJS libraries call require() for the parts of Node.
    const js = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
    await buildWithEsbuild({ ...options, external: [OUTSIDE], plugins, logLevel: 'silent', banner: format === 'esm' ? { js } : {} });
  },

  async rollup({ entry, format, outfile }, plugins) {
    const { rollup }: RollupModule = await load('rollup');
    const [commonjs, json, nodeResolve, terser] = await Promise.all(
      ['commonjs', 'json', 'node-resolve', 'terser'].map(async (name) => {
        const module: { default: (options?: object) => object } = await load(`@rollup/plugin-${name}`);
        return module.default;
      }),
    );
    const built = await rollup({
      input: entry,
      plugins: [
        ...plugins,
        nodeResolve?.({ preferBuiltins: true, exportConditions: ['node'] }),
        commonjs?.({ ignore: [OUTSIDE] }),
        json?.(),
        terser?.({ maxWorkers: 1 }),
      ],
      onwarn({ code, ids = [] }: { code?: string; ids?: readonly string[] }) {
        if (code === 'CIRCULAR_DEPENDENCY' && ids[0] === ids[1]) throw new Error(`a warning of our own: ${ids}`);
      },
    });
    await built.write({ file: outfile, format, sourcemap: true, inlineDynamicImports: true });
    await built.close();
  },

  async vite({ entry, format, outfile }, plugins) {
    const { build }: { build(options: object): Promise<unknown> } = await load('vite');
    await build({
      configFile: false,
      logLevel: 'error',
      root: ROOT,
      plugins,
      ssr: { noExternal: true, external: [OUTSIDE] },
      build: {
        ssr: entry,
        outDir: dirname(outfile),
        minify: true,
        sourcemap: true,
        rollupOptions: { output: { format, entryFileNames: basename(outfile) } },
      },
    });
  },

  async webpack(bundling, plugins) {
    const { default: webpack }: { default: Webpack } = await load('webpack');
    await runWebpack(webpack, bundling, plugins);
  },

  async rspack(bundling, plugins) {
    const { rspack }: { rspack: Webpack } = await load('@rspack/core');
    await runWebpack(rspack, bundling, plugins);
  },
};

interface RollupModule {
  rollup(options: object): Promise<{ write(output: object): Promise<unknown>; close(): Promise<void> }>;
}

interface Stats {
  hasErrors(): boolean;
  toString(options: object): string;
}
type Webpack = (options: object, done: (error: Error | null, stats?: Stats) => void) => { close(done: () => void): void };

function runWebpack(webpack: Webpack, { entry, format, outfile }: Bundling, plugins: readonly object[]): Promise<void> {
  const output = { path: dirname(outfile), filename: basename(outfile) };
  const esm = { output: { ...output, module: true, library: { type: 'module' } }, experiments: { outputModule: true } };
  const options = {
    mode: 'production',
    target: 'node20',
    context: ROOT,
    entry,
    devtool: 'source-map',
    externals: { [OUTSIDE]: `${format === 'esm' ? 'node-commonjs' : 'commonjs'} ${OUTSIDE}` },
    ...(format === 'esm' ? esm : { output }),
    plugins,
    performance: false,
  };
  return new Promise((resolve, reject) => {
    const compiler = webpack(options, (error, stats) => {
      const failure = error ?? (stats?.hasErrors() === true ? new Error(stats.toString({ preset: 'errors-only' })) : undefined);
      compiler.close(() => (failure === undefined ? resolve() : reject(failure)));
    });
  });
}

/** By `import`, as configuration files do. */
async function load<Exports>(name: string): Promise<Exports> {
  const modules = await installedBundlers();
  return import(pathToFileURL(createRequire(join(modules, 'any.js')).resolve(name)).href);
}
