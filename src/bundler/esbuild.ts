// The plugin for esbuild. What it uses of esbuild is declared here: that package is not needed by
// ours.
import { readFileSync } from 'node:fs';
import type { ObservedFiles } from './observed-files.js';

interface Import {
  readonly path: string;
  readonly importer: string;
  readonly namespace: string;
  readonly resolveDir: string;
  readonly kind: string;
  readonly pluginData?: unknown;
}

interface Resolved {
  readonly path: string;
  readonly namespace: string;
  readonly suffix: string;
  readonly pluginData: unknown;
  readonly errors: readonly unknown[];
  readonly external: boolean;
  readonly sideEffects: boolean;
}

interface Build {
  onLoad(
    options: { readonly filter: RegExp },
    load: (file: { readonly path: string }) => { contents: string; loader: 'js' } | undefined,
  ): void;
  onResolve(
    options: { readonly filter: RegExp },
    resolve: (imported: Import) => Promise<(Omit<Resolved, 'errors'> & { sideEffects: true }) | undefined>,
  ): void;
  resolve(path: string, options: object): Promise<Resolved>;
}

export interface EsbuildPlugin {
  name: string;
  setup(build: Build): void;
}

const RESOLVING = Symbol('sietch resolving');

export function esbuildPlugin(name: string, files: ObservedFiles): EsbuildPlugin {
  return {
    name,
    setup(build) {
      build.onLoad({ filter: files.filter }, ({ path }) => {
        const contents = files.handOver(path, readFileSync(path, 'utf8'));
        return contents === undefined ? undefined : { contents, loader: 'js' };
      });
      // A package that says of itself that it has no side effects loses what nothing imports, which
      // is our end of its main file.
      build.onResolve({ filter: files.nameFilter }, async ({ path, pluginData, ...from }) => {
        // What other plugins mark their own questions by stays, or each would ask the other for
        // ever.
        const data = typeof pluginData === 'object' ? pluginData : {};
        if (data !== null && RESOLVING in data) return undefined;
        const { errors, ...found } = await build.resolve(path, { ...from, pluginData: { ...data, [RESOLVING]: true } });
        const { namespace, suffix, external, sideEffects } = found;
        if (errors.length > 0 || external || sideEffects) return undefined;
        return { path: found.path, namespace, suffix, external, pluginData: found.pluginData, sideEffects: true };
      });
    },
  };
}
