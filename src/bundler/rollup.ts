// The plugin for Rollup, Rolldown and Vite, which have one interface; the part of it that is used
// is declared here.
import type { ObservedFiles } from './observed-files.js';

interface Transformed {
  code: string;
  /** Rollup's word for: as before, what was added has no place in a source. */
  map: null;
  moduleSideEffects: true;
}

export interface RollupPlugin {
  name: string;
  transform: {
    /** Before the plugin that makes ES modules of CommonJS. */
    order: 'pre';
    filter: { id: RegExp };
    handler(code: string, id: string): Transformed | undefined;
  };
  /** `false` for lines that are not to be logged. */
  onLog(level: string, log: { code?: string; ids?: readonly string[] }): false | undefined;
}

export interface VitePlugin extends RollupPlugin {
  enforce: 'pre';
  apply: 'build';
}

export function rollupPlugin(name: string, files: ObservedFiles): RollupPlugin {
  return {
    name,
    transform: {
      order: 'pre',
      filter: { id: files.filter },
      handler(source, id) {
        const code = id.startsWith('\0') ? undefined : files.handOver(id, source);
        return code === undefined ? undefined : { code, map: null, moduleSideEffects: true };
      },
    },
    // The ES modules that are handed over import themselves.
    onLog(_level, { code, ids = [] }) {
      return code === 'CIRCULAR_DEPENDENCY' && ids.length === 2 && ids[0] === ids[1] ? false : undefined;
    },
  };
}

export function vitePlugin(name: string, files: ObservedFiles): VitePlugin {
  return { ...rollupPlugin(name, files), enforce: 'pre', apply: 'build' };
}
