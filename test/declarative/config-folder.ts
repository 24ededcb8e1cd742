// A folder with a configuration file in it that changes as files do: by rename, as editors write, and as Kubernetes mounts a ConfigMap.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class ConfigFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'sietch-config-'));
  readonly file = join(this.path, 'otel.yaml');
  #versions = 0;

  /** Puts another file into its place. */
  rename(text: string): void {
    const next = join(this.path, `next-${this.#versions++}`);
    writeFileSync(next, text);
    renameSync(next, this.file);
  }

  /** The file is a link through `..data`, which is another folder then. */
  swap(text: string): void {
    const version = `..version-${this.#versions++}`;
    mkdirSync(join(this.path, version));
    writeFileSync(join(this.path, version, 'otel.yaml'), text);
    symlinkSync(version, join(this.path, '..data_tmp'));
    renameSync(join(this.path, '..data_tmp'), join(this.path, '..data'));
    if (this.#versions === 1) symlinkSync('..data/otel.yaml', this.file);
  }

  /** A pipe that nobody writes into. */
  pipe(): void {
    execFileSync('mkfifo', [this.file]);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
