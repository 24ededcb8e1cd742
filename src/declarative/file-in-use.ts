// The configuration file that the process runs by: what is said of it at the start, and the watch
// for its changes, which is loaded where there is a file.
import { warn } from '../diagnose/diagnostics.js';
import { isMainThread } from '../node/main-thread.js';
import type { Configuration } from './configuration.js';
import type { ReloadOptions } from './reload.js';

/** One line for each part that is not understood, and one for all variables that are overridden. */
export function reportConfiguration({ file, overridden }: Configuration): void {
  if (file === undefined || !isMainThread) return;
  for (const each of file.reports) warn('SIETCH201', `${file.location}:${each}`);
  if (overridden.length > 0) warn('SIETCH202', `${file.location} overrides ${overridden.join(', ')}`);
}

/** @returns what ends it */
export function reloadOnChange(options: Omit<ReloadOptions, 'env'>): () => void {
  if (options.everyMs === 0) return () => {};
  const { watchConfiguration }: typeof import('./reload.js') = require('./reload.js');
  try {
    return watchConfiguration({ ...options, env: { ...process.env } });
  } catch (error) {
    warn('SIETCH205', `${options.file.location} cannot be watched: ${error instanceof Error ? error.name : typeof error}`);
    return () => {};
  }
}
