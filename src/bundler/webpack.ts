// The plugin for webpack and Rspack, which have one interface; the part of it that is used is
// declared here.
import { join } from 'node:path';
import type { BundlerOptions } from './observed-files.js';
import { ObservedFiles } from './observed-files.js';

interface Compiler {
  readonly options: { readonly module: { readonly rules: unknown[] } };
}

export interface WebpackPlugin {
  apply(compiler: Compiler): void;
}

export function webpackPlugin(options: BundlerOptions): WebpackPlugin {
  const { filter } = new ObservedFiles(options);
  return {
    apply({ options: { module } }) {
      // Packages that say of themselves that they have no side effects lose what nothing imports,
      // which is our end of their main file.
      module.rules.push({ test: filter, sideEffects: true, use: [{ loader: join(__dirname, 'webpack-loader.js'), options }] });
    },
  };
}
