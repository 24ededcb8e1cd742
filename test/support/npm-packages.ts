// Packages that tests need in versions which are no dependency of ours: from npm, into our cache, the first time. No vitest here.

import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
/**
 * The limit of a test or hook that may be the first to need packages, generous, for a registry that is slow: what it runs besides has
 * limits of its own.
 */
export const INSTALLING_MS = 600_000;

const INSTALL = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--silent'];

/**
 * The node_modules of `folder`, which has these packages, name to version. It appears only when it is whole.
 * @param complete does what the packages' own scripts, which are not run, would; gets the node_modules.
 * @throws {Error} with what npm said.
 */
export async function installedPackages(
  folder: string,
  dependencies: Readonly<Record<string, string>>,
  complete?: (modules: string) => Promise<void>,
): Promise<string> {
  if (!existsSync(folder)) {
    const part = mkdtempSync(`${folder}-`);
    try {
      writeFileSync(join(part, 'package.json'), JSON.stringify({ private: true, dependencies }));
      await run('npm', INSTALL, { cwd: part, timeout: INSTALLING_MS - 60_000 });
      await complete?.(join(part, 'node_modules'));
      renameSync(part, folder);
    } catch (error) {
      rmSync(part, { recursive: true, force: true });
      // Another process may have been faster.
      if (!existsSync(folder)) throw error;
    }
  }
  return join(folder, 'node_modules');
}

/**
 * The files of one package as its registry has it, without what it depends on, in `folder`.
 * @throws {Error} with what npm said.
 */
export async function unpackedPackage(folder: string, name: string, version: string): Promise<string> {
  if (!existsSync(folder)) {
    const part = mkdtempSync(`${folder}-`);
    try {
      const pack = ['pack', `${name}@${version}`, '--silent', '--prefer-offline', '--pack-destination', part];
      const { stdout } = await run('npm', pack, { cwd: part, timeout: INSTALLING_MS - 60_000 });
      await run('tar', ['-xzf', join(part, stdout.trim()), '-C', part, '--strip-components=1']);
      renameSync(part, folder);
    } catch (error) {
      rmSync(part, { recursive: true, force: true });
      // Another process may have been faster.
      if (!existsSync(folder)) throw error;
    }
  }
  return folder;
}
