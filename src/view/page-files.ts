// The files of the built page, read once: the document for each of its addresses, and its assets.

import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

export interface PageFiles {
  /** The document, with the token in it. */
  readonly document: string;
  /** By name, below `/assets/`. */
  readonly assets: ReadonlyMap<string, PageAsset>;
}

export interface PageAsset {
  readonly contents: Buffer;
  readonly type: string;
}

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};
/** Stands in the document where the token is to be. */
const TOKEN_PLACE = '%TOKEN%';

/** Undefined where the page has not been built. */
export function readPageFiles(folder: string, token: string): PageFiles | undefined {
  try {
    const document = readFileSync(join(folder, 'index.html'), 'utf8').replaceAll(TOKEN_PLACE, token);
    return { document, assets: new Map(readdirSync(join(folder, 'assets')).flatMap((name) => readAsset(folder, name))) };
  } catch {
    return undefined;
  }
}

function readAsset(folder: string, name: string): [string, PageAsset][] {
  const type = TYPES[extname(name)];
  return type === undefined ? [] : [[name, { contents: readFileSync(join(folder, 'assets', name)), type }]];
}
