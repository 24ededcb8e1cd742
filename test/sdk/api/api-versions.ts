// Apps with a copy of @opentelemetry/api of their own. The versions come from npm, once.
import { cpSync, existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheDirectory } from '../../support/cache.ts';
import { ROOT } from '../../support/checkout.ts';
import { installedPackages } from '../../support/npm-packages.ts';

export const API_VERSIONS = ['1.3.0', '1.4.1', '1.6.0', '1.8.0', '1.9.0', '1.10.0'] as const;
/** Before 1.0: another major version, the last of its line. */
export const OLD_API_VERSION = '0.21.0';

/** Of three builds and their maps one is loaded. */
const isNeeded = (path: string): boolean => !/\.(map|d\.[cm]?ts)$|[\\/](esm|esnext)$/.test(path);
const aliasOf = (version: string): string => `api-${version}`;

/** The node_modules that have every version under an alias. */
export function installVersions(): Promise<string> {
  const versions = [...API_VERSIONS, OLD_API_VERSION];
  const dependencies = Object.fromEntries(versions.map((version) => [aliasOf(version), `npm:@opentelemetry/api@${version}`]));
  return installedPackages(join(cacheDirectory('api'), versions.join('-')), dependencies);
}

/**
 * A folder with these files of test/app and, in its node_modules, this version of the API; `others` are packages of
 * the app with a version of their own: test/app/<name>.cjs, or nothing but the name.
 */
export async function makeApp(files: readonly string[], version: string, others: Readonly<Record<string, string>> = {}): Promise<string> {
  const installed = await installVersions();
  const folder = mkdtempSync(join(tmpdir(), 'sietch-otel-api-'));
  writeFileSync(join(folder, 'package.json'), '{"name":"api-app","version":"1.0.0"}');
  for (const file of files) cpSync(join(ROOT, 'test/app', file), join(folder, file));
  const copy = (to: string, which: string): void => {
    mkdirSync(join(to, 'node_modules/@opentelemetry'), { recursive: true });
    cpSync(join(installed, aliasOf(which)), join(to, 'node_modules/@opentelemetry/api'), {
      recursive: true,
      filter: isNeeded,
    });
  };
  copy(folder, version);
  for (const [name, which] of Object.entries(others)) {
    const at = join(folder, 'node_modules', name);
    mkdirSync(at, { recursive: true });
    const source = join(ROOT, 'test/app', `${name}.cjs`);
    if (existsSync(source)) cpSync(source, join(at, 'index.js'));
    else writeFileSync(join(at, 'index.js'), '');
    writeFileSync(join(at, 'package.json'), JSON.stringify({ name, version: '1.0.0', main: 'index.js' }));
    copy(at, which);
  }
  return folder;
}
