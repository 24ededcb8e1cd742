// Writes the end of a bundled module, which hands the module over to the distribution when there is
// one in the process. No line of the source moves, so that source maps stay true.
import { posix } from 'node:path';
import { assignableExports, withDefaultVariable } from './es-exports.js';
import type { PackagedFile } from './packaged-file.js';

/** What src/sdk/hooks/bundled-modules.ts puts there. */
const TAKE = 'const sietchOtelTake=globalThis[Symbol.for("sietch.otel.bundled")]';
/**
 * Libraries that an observed package uses inside and that have to be patched for it alone: in a
 * bundle only the file that loads one knows which copy it is. Each is handed over as a file of that
 * package: `@redis/client/yallist`, the list of node-redis 4's queue.
 */
const COMPANIONS: Readonly<Record<string, string>> = { '@redis/client': 'yallist', '@node-redis/client': 'yallist' };

/** The source of the module with that end. */
export function withHandOver(source: string, file: string, { packageName, path, version, isTypeModule }: PackagedFile): string {
  const names = `${JSON.stringify(path)},${JSON.stringify(version)}`;
  if (isEsModule(file, source, isTypeModule)) return esModuleWithHandOver(source, file, names);
  const companion = COMPANIONS[packageName];
  const isLoaded = companion !== undefined && new RegExp(`\\brequire\\((["'])${companion}\\1\\)`).test(source);
  const first = isLoaded ? `sietchOtelTake("${packageName}/${companion}",${JSON.stringify(version)},require("${companion}"));` : '';
  return `${source}\n;{${TAKE};if(sietchOtelTake){${first}module.exports=sietchOtelTake(${names},module.exports)}}\n`;
}

/** The module imports itself, to see what those see that import it. */
function esModuleWithHandOver(source: string, file: string, names: string): string {
  const itself = JSON.stringify(`./${posix.basename(file.replaceAll('\\', '/'))}`);
  const changed = withDefaultVariable(source);
  const setters = assignableExports(withoutComments(changed)).map(
    ({ exported, local }) => `${exported}:sietchOtelValue=>{${local}=sietchOtelValue}`,
  );
  return `${changed}\n;import*as sietchOtelSelf from ${itself};{${TAKE};if(sietchOtelTake)sietchOtelTake(${names},sietchOtelSelf,{${setters.join(',')}})}\n`;
}

const ES_SYNTAX = /(?:^|[;}])\s*(?:import(?:\s+[\w$*{]|\s*[{*'"])|export(?:\s+[\w$*{]|\s*[{*]))/m;

/** Where a manifest does not say so, bundlers tell ES modules by their syntax. */
function isEsModule(file: string, source: string, isTypeModule: boolean): boolean {
  if (/\.[cm]js$/.test(file)) return file.endsWith('.mjs');
  return isTypeModule || ES_SYNTAX.test(withoutComments(source));
}

/** A `//` with a quote behind it may be in a string, unless it begins its line. */
function withoutComments(source: string): string {
  return source.replaceAll(/\/\*[\s\S]*?\*\/|^[ \t]*\/\/.*$|[ \t]\/\/[^'"`\n]*$/gm, '');
}
