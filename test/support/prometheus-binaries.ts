// Finds Prometheus and its promtool: on PATH, else the distribution's package unpacked into our cache. No vitest here.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { unpackedPackages } from './debian-packages.ts';
import type { OnProgress } from './progress.ts';

export interface PrometheusBinaries {
  prometheus: string;
  promtool: string;
}

const run = promisify(execFile);

/**
 * @throws {Error} that names the ways to get them, and why each did not serve.
 */
export async function findPrometheus(onProgress?: OnProgress): Promise<PrometheusBinaries> {
  const onPath = binariesOnPath();
  if (onPath !== undefined) return onPath;
  try {
    const root = await unpackedPackages(
      { name: 'prometheus', packages: ['prometheus'], check: (at) => check(binariesBelow(at)) },
      onProgress,
    );
    return binariesBelow(root);
  } catch (error) {
    throw new Error(
      'No Prometheus. Any one of these serves: prometheus and promtool on PATH; apt-get, which needs no root for this.\n' +
        `- they are not on PATH\n- ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function binariesOnPath(): PrometheusBinaries | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const find = (name: string) => folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  const prometheus = find('prometheus');
  const promtool = find('promtool');
  return prometheus !== undefined && promtool !== undefined ? { prometheus, promtool } : undefined;
}

function binariesBelow(root: string): PrometheusBinaries {
  return { prometheus: join(root, 'usr/bin/prometheus'), promtool: join(root, 'usr/bin/promtool') };
}

async function check({ prometheus, promtool }: PrometheusBinaries): Promise<void> {
  for (const program of [prometheus, promtool]) await run(program, ['--version'], { timeout: 30_000 });
}
