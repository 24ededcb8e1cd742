// ioredis 5 under its own name: it is installed under an alias, by which no instrumentation would know it.
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../support/checkout.ts';

/** A path to require; the folder lasts as long as this process. */
export function ioredis5Path(): string {
  const modules = join(mkdtempSync(join(tmpdir(), 'sietch-otel-ioredis-')), 'node_modules');
  process.once('exit', () => rmSync(join(modules, '..'), { recursive: true, force: true }));
  cpSync(join(ROOT, 'node_modules/ioredis5'), join(modules, 'ioredis'), { recursive: true });
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (!existsSync(join(modules, name)) && !name.startsWith('.')) symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
  return join(modules, 'ioredis');
}
