// A folder in which `bullmq` is the version asked for, with the queue apps in it.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../support/checkout.ts';

const MODULES = join(ROOT, 'node_modules');

export interface BullMqFolder {
  /** Path of a file of test/app in it. */
  app(file: string): string;
  /** Path of our queue library, in a place from where it finds that `bullmq`. */
  library(): string;
  remove(): void;
}

/** BullMQ 6 is where the checkout has it; BullMQ 5 is copied, because a link would be known by the name it links to. */
export function bullMqFolder(major: 5 | 6): BullMqFolder {
  if (major === 6)
    return { app: (file) => join(ROOT, 'test/app', file), library: () => join(ROOT, 'dist/webhooks/library.js'), remove: () => {} };
  const folder = mkdtempSync(join(tmpdir(), 'sietch-otel-bullmq-'));
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  for (const name of readdirSync(MODULES)) if (!/^\.|^bullmq/.test(name)) symlinkSync(join(MODULES, name), join(modules, name));
  cpSync(join(MODULES, 'bullmq5'), join(modules, 'bullmq'), { recursive: true, verbatimSymlinks: true });
  for (const name of readdirSync(join(ROOT, 'test/app'))) {
    if (name.startsWith('queue-')) cpSync(join(ROOT, 'test/app', name), join(folder, name));
  }
  const library = () => {
    cpSync(join(ROOT, 'dist'), join(folder, 'dist'), { recursive: true });
    return join(folder, 'dist/webhooks/library.js');
  };
  return { app: (file) => join(folder, file), library, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
