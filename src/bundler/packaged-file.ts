// A file of an npm package as the hooks of `require` name it: its package, the version, and whether
// it is what the package's name stands for.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, posix } from 'node:path';

export interface PackagedFile {
  readonly packageName: string;
  readonly version: string;
  /** Whether Node takes its `.js` files for ES modules, whatever is in them. */
  readonly isTypeModule: boolean;
  /**
   * The name of the package for its main file, in each of its formats; for others, their path in
   * it, as `require` loads them: `pg/lib/client.js`, for `graphql/execution/execute.mjs` too.
   */
  readonly path: string;
}

interface Manifest {
  readonly version?: unknown;
  readonly type?: unknown;
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
/** By folder. */
const manifests = new Map<string, Manifest | undefined>();

/** Undefined for files that are in no package, or in one whose manifest cannot be read. */
export function packagedFile(file: string): PackagedFile | undefined {
  const [, folder = '', name = '', inner = ''] = INSIDE.exec(file) ?? [];
  if (folder === '') return undefined;
  if (!packages.has(folder)) packages.set(folder, readPackage(folder));
  const found = packages.get(folder);
  if (found === undefined) return undefined;
  const [packageName, path] = [slashed(name), slashed(inner)];
  return {
    packageName,
    version: found.version,
    isTypeModule: typeOf(dirname(file), folder) === 'module',
    path: found.mainFiles.has(path) ? packageName : `${packageName}/${required(folder, path)}`,
  };
}

/** That of the nearest manifest: builds in several formats have one each. */
function typeOf(folder: string, top: string): unknown {
  const manifest = manifestIn(folder);
  return manifest !== undefined || folder.length <= top.length ? manifest?.type : typeOf(dirname(folder), top);
}

/** The file that an ES module has beside itself for `require`, where there is one. */
function required(folder: string, path: string): string {
  const beside = path.replace(/\.mjs$/, '.js');
  return beside !== path && existsSync(`${folder}/${beside}`) ? beside : path;
}

function readPackage(folder: string): Package | undefined {
  const manifest = manifestIn(folder);
  return typeof manifest?.version === 'string' ? { version: manifest.version, mainFiles: new Set(mainFilesOf(manifest)) } : undefined;
}

function manifestIn(folder: string): Manifest | undefined {
  if (!manifests.has(folder)) manifests.set(folder, readManifest(`${folder}/package.json`));
  return manifests.get(folder);
}

function readManifest(file: string): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
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
