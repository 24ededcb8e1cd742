// The loader that the plugin for webpack and Rspack adds: a file of its own, since both load
// loaders by path. What it exports is the function itself.
import type { BundlerOptions, ObservedFiles as Files } from './observed-files.js';

interface LoaderContext {
  readonly resourcePath: string;
  getOptions(): BundlerOptions;
  callback(error: null, source: string, map: unknown): void;
}

const { ObservedFiles }: typeof import('./observed-files.js') = require('./observed-files.js');
/** By the options of a plugin: several compilers share this file. */
const made = new WeakMap<object, Files>();

module.exports = function handOver(this: LoaderContext, source: string, map: unknown): void {
  const options = this.getOptions();
  const files = made.get(options) ?? new ObservedFiles(options);
  made.set(options, files);
  this.callback(null, files.handOver(this.resourcePath, source) ?? source, map);
};
