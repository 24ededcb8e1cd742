// ioredis 4 and 5 under their own name: they are installed under aliases, by which no instrumentation would know them.
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../support/checkout.ts';

/** A path to require; the folder lasts as long as this process. */
export function ioredisPath(version: 4 | 5): string {
  const modules = join(mkdtempSync(join(tmpdir(), 'sietch-otel-ioredis-')), 'node_modules');
  process.once('exit', () => rmSync(join(modules, '..'), { recursive: true, force: true }));
  cpSync(join(ROOT, `node_modules/ioredis${version}`), join(modules, 'ioredis'), { recursive: true });
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (!existsSync(join(modules, name)) && !name.startsWith('.')) symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
  return join(modules, 'ioredis');
}
