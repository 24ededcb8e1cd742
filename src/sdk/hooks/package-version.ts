// The version of a package that is loaded, from its manifest, or from its bundle, in which there is
// none.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** By the text that stands for the folder of a bundled package. */
const bundled = new Map<string, string>();

/** What hooks are given as the folder of a package that lies in a bundle. */
export function bundledFolder(name: string, version: string): string {
  const folder = `${name}@${version} (bundled)`;
  bundled.set(folder, version);
  return folder;
}

/** Asked by upstream's instrumentations too, see scripts/bundle/foreign-sources.ts. */
export function bundledVersion(folder: string): string | undefined {
  return bundled.get(folder);
}

export function packageVersion(folder: string): string | undefined {
  const known = bundledVersion(folder);
  if (known !== undefined) return known;
  try {
    const manifest: { version?: unknown } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return typeof manifest.version === 'string' ? manifest.version : undefined;
  } catch {
    return undefined;
  }
}
