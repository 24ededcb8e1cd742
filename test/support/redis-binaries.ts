// Finds a Redis to start: one on PATH, else the distribution's package unpacked into our cache, else a container. No vitest here.

import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { cacheDirectory } from './cache.ts';
import { type OnProgress, withProgress } from './progress.ts';

export type RedisProgram =
  | { kind: 'program'; path: string; env: NodeJS.ProcessEnv; name: string }
  /** Untested by CI, which has no container engine. */
  | { kind: 'container'; image: string; name: string };

/** redis-server is a link to a program of redis-tools; the others are its libraries that a bare system lacks. */
const PACKAGES = ['redis-server', 'redis-tools', 'libjemalloc2', 'liblzf1', 'libatomic1'];
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
  const root = join(cacheDirectory('redis'), 'root');
  if (!existsSync(root)) {
    await withProgress('Getting redis-server from the package archive of this system (once)', onProgress, () => unpack(root)).catch(
      (error) => {
        throw new Error(`unpacking by apt-get failed: ${lastLine(error)}`);
      },
    );
  }
  return checked(join(root, 'usr/bin/redis-server'), { ...process.env, LD_LIBRARY_PATH: libraryPath(root) }, 'unpacked');
}

/** Works as any user and on a system where `apt-get update` was never run: the lists, the state and the cache are our own. */
async function unpack(root: string): Promise<void> {
  const work = mkdtempSync(`${root}-`);
  const options = Object.entries({
    'Dir::State': join(work, 'state'),
    'Dir::State::lists': join(work, 'state/lists'),
    'Dir::State::status': '/var/lib/dpkg/status',
    'Dir::Cache': join(work, 'cache'),
    // Else root's apt-get downloads as user _apt, who cannot write here.
    'APT::Sandbox::User': userInfo().username,
    'Acquire::Retries': '2',
  }).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const limits = { cwd: work, timeout: 180_000, maxBuffer: 64 * 1024 * 1024 };
  try {
    await run('mkdir', ['-p', join(work, 'state/lists/partial'), join(work, 'cache/archives/partial'), join(work, 'root')], limits);
    await run('apt-get', [...options, '-qq', 'update'], limits);
    await run('apt-get', [...options, '-qq', 'download', ...PACKAGES], limits);
    for (const file of readdirSync(work)) if (file.endsWith('.deb')) await run('dpkg', ['-x', file, join(work, 'root')], limits);
    await checked(
      join(work, 'root/usr/bin/redis-server'),
      { ...process.env, LD_LIBRARY_PATH: libraryPath(join(work, 'root')) },
      'unpacked',
    );
    await run('chmod', ['-R', 'a+rX', join(work, 'root')], limits);
    renameSync(join(work, 'root'), root);
  } catch (error) {
    // Another process may have been faster.
    if (!existsSync(root)) throw error;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function libraryPath(root: string): string {
  const libraries = join(root, 'usr/lib');
  const folders = existsSync(libraries) ? readdirSync(libraries).filter((name) => name.includes('-linux-')) : [];
  return folders.map((name) => join(libraries, name)).join(delimiter);
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

/** What a failed command said last, which is where its reason is. */
function lastLine(error: unknown): string {
  const output = error instanceof Error && 'stderr' in error && typeof error.stderr === 'string' ? error.stderr : '';
  return output.trim().split('\n').at(-1) || (error instanceof Error ? error.message : String(error));
}
