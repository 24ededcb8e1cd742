// One plugin in the form that each bundler takes. The libraries that are observed hand themselves
// over to the distribution when the bundle runs under it; without it that costs a look at one
// property for each file of them.
import { type EsbuildPlugin, esbuildPlugin } from './esbuild.js';
import { type BundlerOptions, ObservedFiles } from './observed-files.js';
import { type RollupPlugin, rollupPlugin, type VitePlugin, vitePlugin } from './rollup.js';
import { type WebpackPlugin, webpackPlugin } from './webpack.js';

const NAME = '@sietch/otel';

export interface BundlerPlugins {
  esbuild(options?: BundlerOptions): EsbuildPlugin;
  rollup(options?: BundlerOptions): RollupPlugin;
  rolldown(options?: BundlerOptions): RollupPlugin;
  rspack(options?: BundlerOptions): WebpackPlugin;
  vite(options?: BundlerOptions): VitePlugin;
  webpack(options?: BundlerOptions): WebpackPlugin;
}

/** The plugin for each bundler: `plugins: [sietchOtel.esbuild()]`. */
export const sietchOtel: BundlerPlugins = {
  esbuild: (options) => esbuildPlugin(NAME, new ObservedFiles(options)),
  rollup: (options) => rollupPlugin(NAME, new ObservedFiles(options)),
  rolldown: (options) => rollupPlugin(NAME, new ObservedFiles(options)),
  rspack: (options = {}) => webpackPlugin(options),
  vite: (options) => vitePlugin(NAME, new ObservedFiles(options)),
  webpack: (options = {}) => webpackPlugin(options),
};
