// Every Dockerfile of the repository builds: its steps are walked in an empty folder, and what docker-compose.yml starts in the image is there and loads.
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ROOT } from '../support/checkout.ts';
import { walkDockerfile } from '../support/dockerfile.ts';

const run = promisify(execFile);

interface Compose {
  services: Record<string, { build?: { context: string; dockerfile: string }; command?: string[] }>;
}

const compose: Compose = parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8'), { merge: true });
const builds = Object.values(compose.services).filter(({ build }) => build !== undefined);

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))), 600_000);

function dockerfilesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return ['node_modules', '.git', 'dist'].includes(entry.name) ? [] : dockerfilesBelow(path);
    return /^Dockerfile|\.Dockerfile$/.test(entry.name) ? [relative(ROOT, path)] : [];
  });
}

it('docker-compose.yml builds from Dockerfiles that are there', () => {
  for (const { build } of builds)
    expect([build?.context, dockerfilesBelow(ROOT)]).toEqual(['.', expect.arrayContaining([build?.dockerfile])]);
});

/** kubernetes-image.test.ts walks it too, and looks at what comes out. */
const WALKED_ELSEWHERE = 'deploy/kubernetes/Dockerfile';

it.each(dockerfilesBelow(ROOT).filter((dockerfile) => dockerfile !== WALKED_ELSEWHERE))(
  '%s builds, and starts what docker-compose.yml starts in it',
  async (dockerfile) => {
    const root = mkdtempSync(join(tmpdir(), 'sietch-otel-image-'));
    folders.push(root);
    const { directory } = await walkDockerfile(join(ROOT, dockerfile), { context: ROOT, root });
    const commands = builds.filter(({ build }) => build?.dockerfile === dockerfile).map(({ command = [] }) => command);
    for (const command of commands) {
      const file = command.at(-1) ?? '';
      expect(existsSync(join(directory, file)), file).toBe(true);
      // Its flags, with nothing to run, and every package that the file asks for.
      const [node = '', ...flags] = command.slice(0, -1);
      const script = `const { createRequire } = require('node:module'); const { readFileSync } = require('node:fs'); const file = require('node:path').resolve(${JSON.stringify(file)});
        for (const [, name] of readFileSync(file, 'utf8').matchAll(/require\\('([^']+)'\\)/g)) createRequire(file).resolve(name);`;
      const env = { PATH: process.env['PATH'], OTEL_EXPORTER_PROMETHEUS_PORT: '0', OTEL_TRACES_EXPORTER: 'none' };
      const { stderr } = await run(node, [...flags, '--eval', script], { cwd: directory, env });
      if (flags.includes('@sietch/otel/register')) expect(stderr).toContain('[sietch-otel]');
    }
  },
  900_000,
);
