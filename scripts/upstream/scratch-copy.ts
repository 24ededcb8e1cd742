// A copy of this repository in a temporary folder with other versions of OpenTelemetry: those are installed there, all other packages are links to ours.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SCOPE = '@opentelemetry';

/** The version of each package, by name. */
export type Versions = Readonly<Record<string, string>>;

/** What package.json asks for of OpenTelemetry. */
export function ownVersions(): Versions {
  const manifest: Record<string, Versions> = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const all = { ...manifest['devDependencies'], ...manifest['dependencies'] };
  return Object.fromEntries(Object.entries(all).filter(([name]) => name.startsWith(`${SCOPE}/`)));
}

export class ScratchCopy {
  readonly folder = mkdtempSync(join(tmpdir(), 'sietch-otel-upstream-'));

  constructor() {
    const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: ROOT, encoding: 'utf8' });
    for (const file of listed.split('\0').filter(Boolean)) {
      mkdirSync(dirname(join(this.folder, file)), { recursive: true });
      cpSync(join(ROOT, file), join(this.folder, file));
    }
  }

  /** Returns whether npm could install all of them. */
  install(versions: Versions): boolean {
    const apart = join(this.folder, 'opentelemetry');
    mkdirSync(apart);
    // One copy of each, also where two patches of a line are newest.
    const overrides = Object.fromEntries(Object.keys(versions).map((name) => [name, `$${name}`]));
    writeFileSync(join(apart, 'package.json'), JSON.stringify({ private: true, dependencies: versions, overrides }));
    if (!this.run(apart, 'npm', 'install', '--ignore-scripts', '--no-audit', '--no-fund', '--legacy-peer-deps')) return false;
    linkAll(join(ROOT, 'node_modules'), join(this.folder, 'node_modules'), [SCOPE]);
    linkAll(join(apart, 'node_modules', SCOPE), join(this.folder, 'node_modules', SCOPE), []);
    return true;
  }

  /** Replaces a text in each file that has it. @throws {Error} when none has */
  replace(files: readonly string[], text: string, replacement: string): void {
    for (const file of files) {
      const path = join(this.folder, file);
      const source = readFileSync(path, 'utf8');
      if (!source.includes(text)) throw new Error(`${file} has no ${text}`);
      writeFileSync(path, source.replaceAll(text, replacement));
    }
  }

  build(): boolean {
    return this.run(this.folder, 'npm', 'run', 'build');
  }

  /** @param config a file of vitest's, from the root */
  test(config: string, files: readonly string[]): boolean {
    const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
    return this.run(this.folder, process.execPath, vitest, 'run', '--config', config, '--retry=1', ...files);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Returns whether the command succeeded; what it prints is shown. */
  run(cwd: string, command: string, ...args: readonly string[]): boolean {
    console.log(`\n> ${command} ${args.join(' ')}`);
    return spawnSync(command, args, { cwd, stdio: 'inherit' }).status === 0;
  }
}

function linkAll(from: string, to: string, without: readonly string[]): void {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) if (!without.includes(name)) symlinkSync(join(from, name), join(to, name));
}
