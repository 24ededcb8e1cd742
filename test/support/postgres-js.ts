// A folder with a version of postgres.js and the apps of test/app/postgres-js beside it, as a user's project has it.
import { cpSync, mkdirSync, mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheDirectory } from './cache.ts';
import { ROOT } from './checkout.ts';
import { installedPackages } from './npm-packages.ts';

/** The first and the last that is supported. */
export const POSTGRES_JS_VERSIONS = ['3.1.0', '3.4.9'] as const;

/** Its files can be run. To be removed by the caller. */
export async function postgresJsProject(version: (typeof POSTGRES_JS_VERSIONS)[number]): Promise<string> {
  const modules = await installedPackages(join(cacheDirectory('libraries'), `postgres-${version}`), { postgres: version });
  const folder = mkdtempSync(join(tmpdir(), 'sietch-otel-postgres-js-'));
  // Copied, not linked: modules are known by their real paths, and the app's API is this checkout's.
  cpSync(modules, join(folder, 'node_modules'), { recursive: true });
  mkdirSync(join(folder, 'node_modules/@opentelemetry'));
  symlinkSync(join(ROOT, 'node_modules/@opentelemetry/api'), join(folder, 'node_modules/@opentelemetry/api'));
  cpSync(join(ROOT, 'test/app/postgres-js'), folder, { recursive: true });
  return folder;
}
