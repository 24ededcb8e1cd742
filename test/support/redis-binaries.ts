// Finds a Redis to start: one on PATH, else the distribution's package unpacked into our cache, else a container. No vitest here.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { lastLine, libraryPath, unpackedPackages } from './debian-packages.ts';
import type { OnProgress } from './progress.ts';

export type RedisProgram =
  | { kind: 'program'; path: string; env: NodeJS.ProcessEnv; name: string }
  /** Untested by CI, which has no container engine. */
  | { kind: 'container'; image: string; name: string };

const IMAGE = 'valkey/valkey:9.0.4-alpine3.23';
const run = promisify(execFile);

/**
 * @throws {Error} that names the ways to get a Redis, and why each did not serve.
 */
export async function findRedis(onProgress?: OnProgress): Promise<RedisProgram> {
  const reasons: string[] = [];
  for (const find of [findOnPath, findUnpacked, findContainerEngine]) {
    try {
      return await find(onProgress);
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new Error(
    'No Redis to start. Any one of these serves: REDIS_URL set to a server of yours; redis-server or valkey-server on PATH (Debian: ' +
      'apt-get install redis-server; macOS: brew install redis); apt-get, which needs no root for this; a running Docker engine.\n' +
      `- ${reasons.join('\n- ')}`,
  );
}

async function findOnPath(): Promise<RedisProgram> {
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    for (const program of ['redis-server', 'valkey-server']) {
      const path = join(directory, program);
      if (directory !== '' && existsSync(path)) return checked(path, process.env, 'on PATH');
    }
  }
  throw new Error('neither redis-server nor valkey-server is on PATH');
}

async function findUnpacked(onProgress?: OnProgress): Promise<RedisProgram> {
  const check = (root: string) =>
    checked(join(root, 'usr/bin/redis-server'), { ...process.env, LD_LIBRARY_PATH: libraryPath(root) }, 'unpacked');
  return check(await unpackedPackages({ name: 'redis', packages: ['redis-server'], check }, onProgress));
}

async function findContainerEngine(): Promise<RedisProgram> {
  try {
    const { stdout } = await run('docker', ['version', '-f', '{{.Server.Version}}'], { timeout: 3_000 });
    return { kind: 'container', image: IMAGE, name: `${IMAGE} (Docker ${stdout.trim()})` };
  } catch (error) {
    throw new Error(`no Docker engine answers: ${lastLine(error)}`);
  }
}

async function checked(path: string, env: NodeJS.ProcessEnv, origin: string): Promise<RedisProgram> {
  const { stdout } = await run(path, ['--version'], { env, timeout: 10_000 });
  const version = /v=([\w.]+)/.exec(stdout)?.[1];
  if (version === undefined) throw new Error(`${path} does not say its version`);
  return { kind: 'program', path, env, name: `${/valkey/i.test(stdout) ? 'Valkey' : 'Redis'} ${version} (${origin})` };
}
