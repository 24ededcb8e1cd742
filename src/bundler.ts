// The door '@sietch/otel/bundler'.
export type { EsbuildPlugin } from './bundler/esbuild.js';
export type { BundlerOptions } from './bundler/observed-files.js';
export { type BundlerPlugins, sietchOtel } from './bundler/plugins.js';
export type { RollupPlugin, VitePlugin } from './bundler/rollup.js';
export type { WebpackPlugin } from './bundler/webpack.js';
