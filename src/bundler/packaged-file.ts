// A file of an npm package as the hooks of `require` name it: its package, the version, and whether
// it is what the package's name stands for.
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';

export interface PackagedFile {
  readonly packageName: string;
  readonly version: string;
  /**
   * The name of the package for its main file, in each of its formats; for others, their path in
   * it: `pg/lib/client.js`.
   */
  readonly path: string;
}

interface Manifest {
  readonly version?: unknown;
  readonly main?: unknown;
  readonly module?: unknown;
  readonly exports?: unknown;
}

interface Package {
  readonly version: string;
  /** Paths from the folder of the package. */
  readonly mainFiles: ReadonlySet<string>;
}

const INSIDE = /^(.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+))[\\/](.+)$/;
const packages = new Map<string, Package | undefined>();

/** Undefined for files that are in no package, or in one whose manifest cannot be read. */
export function packagedFile(file: string): PackagedFile | undefined {
  const [, folder = '', name = '', inner = ''] = INSIDE.exec(file) ?? [];
  if (folder === '') return undefined;
  if (!packages.has(folder)) packages.set(folder, readPackage(folder));
  const found = packages.get(folder);
  if (found === undefined) return undefined;
  const [packageName, path] = [slashed(name), slashed(inner)];
  return { packageName, version: found.version, path: found.mainFiles.has(path) ? packageName : `${packageName}/${path}` };
}

function readPackage(folder: string): Package | undefined {
  try {
    const manifest: Manifest = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
    return typeof manifest.version === 'string' ? { version: manifest.version, mainFiles: new Set(mainFilesOf(manifest)) } : undefined;
  } catch {
    return undefined;
  }
}

function mainFilesOf({ main = 'index.js', module: esModule, exports: conditions }: Manifest): string[] {
  const root = isObject(conditions) && '.' in conditions ? conditions['.'] : conditions;
  return [...leaves(main), ...leaves(esModule), ...leaves(root)].flatMap((path) => {
    const normal = posix.normalize(path);
    // `main` may leave away what Node adds.
    return /\.[cm]?js$/.test(normal) ? [normal] : [normal, `${normal}.js`, posix.join(normal, 'index.js')];
  });
}

/** The paths in a tree of conditions; other subpaths of the package are not in it. */
function leaves(tree: unknown): string[] {
  if (typeof tree === 'string') return [tree];
  if (Array.isArray(tree)) return tree.flatMap(leaves);
  return isObject(tree) ? Object.entries(tree).flatMap(([key, value]) => (key.startsWith('.') ? [] : leaves(value))) : [];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function slashed(path: string): string {
  return path.replaceAll('\\', '/');
}
