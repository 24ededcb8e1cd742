// A folder in which `opossum` is the release that a test wants, beside the apps of test/app.
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { ROOT } from '../../support/checkout.ts';

export interface OpossumFolder {
  /** Path of a copied app. */
  app(file: string): string;
  remove(): void;
}

/** @param installedAs name of the package in `from`, e.g. `opossum8` */
export function createOpossumFolder(installedAs: string, files: readonly string[], from = join(ROOT, 'node_modules')): OpossumFolder {
  const directory = mkdtempSync(join(tmpdir(), 'sietch-otel-opossum-'));
  const modules = join(directory, 'node_modules');
  mkdirSync(modules);
  for (const part of ['lib', 'index.js', 'package.json']) {
    cpSync(join(from, installedAs, part), join(modules, 'opossum', part), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules', '@opentelemetry'), join(modules, '@opentelemetry'));
  for (const file of files) cpSync(join(ROOT, 'test', 'app', file), join(directory, file));
  return {
    app: (file) => join(directory, basename(file)),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
