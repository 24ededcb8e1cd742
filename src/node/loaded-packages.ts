// Finds loaded packages, and the files that loaded them, in the cache of require().

export interface LoadedPackage {
  readonly name: string;
  /** The file of the package that was loaded. */
  readonly file: string;
  /** The file outside of the package that loaded it. */
  readonly loadedBy: string | undefined;
}

/** Each package once, by its first file. */
export function loadedPackages(names: readonly string[]): LoadedPackage[] {
  const found = new Map<string, LoadedPackage>();
  const cache = require.cache;
  for (const file of Object.keys(cache)) {
    const name = packageOf(file);
    if (name === undefined || found.has(name) || !names.includes(name)) continue;
    found.set(name, { name, file, loadedBy: cache[file]?.parent?.filename ?? undefined });
  }
  return [...found.values()];
}

/** Folders of the copies of some packages that are loaded, with the name of the package. */
export function loadedCopies(names: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const file of Object.keys(require.cache)) {
    const name = packageOf(file);
    if (name === undefined || !names.includes(name)) continue;
    found.set(file.slice(0, file.lastIndexOf('node_modules') + 'node_modules/'.length + name.length), name);
  }
  return found;
}

/** The name of the package that a file belongs to. */
export function packageOf(file: string): string | undefined {
  const start = file.lastIndexOf('node_modules');
  return start === -1 ? undefined : /^node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(file.slice(start))?.[1]?.replace('\\', '/');
}
