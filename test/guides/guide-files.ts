// The files of a guide: its blocks that have the name of a file beside their language, to be written and run as they stand.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '../support/checkout.ts';

/** Text by name of the blocks ```` ```js app.js run by test/… ````. */
export function guideFiles(page: string): ReadonlyMap<string, string> {
  const text = readFileSync(join(ROOT, 'docs/guides', page), 'utf8');
  const blocks = [...text.matchAll(/^```\w+ (\S+) run by \S+\n([\s\S]*?)^```$/gm)];
  return new Map(blocks.map(([, name = '', code = '']) => [name, code]));
}

/** Writes them into a folder. @throws {Error} when the guide has none. */
export function writeGuideFiles(page: string, folder: string): void {
  const files = guideFiles(page);
  if (files.size === 0) throw new Error(`${page} has no file`);
  for (const [name, code] of files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), code);
  }
}
