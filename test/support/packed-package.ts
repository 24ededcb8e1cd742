// The package as npm would publish it, in a folder where it resolves by its name: for tests of what users install.

import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './checkout.ts';

const run = promisify(execFile);

export interface PackedApp {
  /** Holds node_modules/@sietch/otel and the copied files. Pass it to `runApp` as `cwd`, with `preloadFrom: '@sietch/otel'`. */
  directory: string;
  remove(): void;
}

/**
 * Packs this checkout (its dist/ as it is) and unpacks it into a new folder, beside links to all other packages.
 * @param files paths from the root of the checkout, copied to the top of the folder
 */
export async function packApp(files: readonly string[] = []): Promise<PackedApp> {
  const directory = mkdtempSync(join(tmpdir(), 'sietch-otel-packed-'));
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  try {
    const tarball = await packPackage(directory);
    const installed = join(directory, 'node_modules', '@sietch', 'otel');
    mkdirSync(installed, { recursive: true });
    await run('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1']);
    linkPackages(join(ROOT, 'node_modules'), join(directory, 'node_modules'), ['@sietch']);
    for (const file of files) cpSync(join(ROOT, file), join(directory, basename(file)), { recursive: true });
    return { directory, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Writes the tarball into `directory` and returns its path. Runs no script of the package: dist/ must be there. */
export async function packPackage(directory: string): Promise<string> {
  const args = ['pack', '--ignore-scripts', '--silent', '--pack-destination', directory];
  const { stdout } = await run('npm', args, { cwd: ROOT, timeout: 60_000 });
  return join(directory, stdout.trim().split('\n').at(-1) ?? '');
}

/** Links the packages of one node_modules into another, but for some names or scopes: for those there can be something else. */
export function linkPackages(from: string, to: string, except: readonly string[]): void {
  for (const name of readdirSync(from)) {
    if (except.includes(name) || name.startsWith('.')) continue;
    const packages = name.startsWith('@') ? readdirSync(join(from, name)).map((inner) => join(name, inner)) : [name];
    for (const path of packages) {
      mkdirSync(dirname(join(to, path)), { recursive: true });
      symlinkSync(realpathSync(join(from, path)), join(to, path));
    }
  }
}
