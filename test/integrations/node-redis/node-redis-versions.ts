// node-redis in the lowest and highest version of each major one that is supported, from npm.
import { join } from 'node:path';
import { cacheDirectory } from '../../support/cache.ts';
import { installedPackages } from '../../support/npm-packages.ts';

export const VERSIONS = ['4.0.0', '4.7.1', '5.0.0', '5.12.1', '6.3.1'] as const;
export type Version = (typeof VERSIONS)[number];

/** The app that does one thing at a time; see `FormsApp`. */
export const FORMS = 'test/app/node-redis-forms.cjs';

/** A path to require. */
export async function nodeRedisPath(version: Version): Promise<string> {
  return join(await installedPackages(join(cacheDirectory('libraries'), `redis-${version}`), { redis: version }), 'redis');
}
