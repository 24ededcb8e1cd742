// The files of a bundle that are handed over: of packages that are observed all, since
// instrumentations patch inner files too.
import { withHandOver } from './hand-over.js';
import { packagedFile } from './packaged-file.js';

export interface BundlerOptions {
  /** More packages, for the instrumentations of SIETCH_OTEL_INSTRUMENTATIONS: `['mongodb']`. */
  readonly packages?: readonly string[];
}

/**
 * Packages that the integrations of this version hook; written in by scripts/bundle.ts, as those
 * below.
 */
declare const OBSERVED_PACKAGES: readonly string[];
/** Packages of which only the version is wanted, or what the main file exports. */
declare const MAIN_FILES_OF: readonly string[];

export class ObservedFiles {
  /** Matches paths, in the syntax that JavaScript and Go (esbuild's language) share. */
  readonly filter: RegExp;
  /** Matches imports of a package by its name. */
  readonly nameFilter: RegExp;

  constructor({ packages = [] }: BundlerOptions = {}) {
    const names = [...OBSERVED_PACKAGES, ...MAIN_FILES_OF, ...packages];
    const paths = names.map((name) => escaped(name).replaceAll('/', '[\\\\/]')).join('|');
    this.filter = new RegExp(`[\\\\/]node_modules[\\\\/](?:${paths})[\\\\/].*\\.[cm]?js$`);
    this.nameFilter = new RegExp(`^(?:${names.map(escaped).join('|')})$`);
  }

  /** The source that the file is to have in the bundle; undefined when it stays as it is. */
  handOver(file: string, source: string): string | undefined {
    if (!this.filter.test(file)) return undefined;
    const found = packagedFile(file);
    // A package that an observed one has inside of itself matches the filter too.
    if (found === undefined || !this.nameFilter.test(found.packageName)) return undefined;
    if (found.path !== found.packageName && MAIN_FILES_OF.includes(found.packageName)) return undefined;
    return withHandOver(source, file, found);
  }
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
