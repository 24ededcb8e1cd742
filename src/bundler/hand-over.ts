// Writes the end of a bundled module, which hands the module over to the distribution when there is
// one in the process. No line of the source moves, so that source maps stay true.
import { posix } from 'node:path';
import { assignableExports, withDefaultVariable } from './es-exports.js';
import type { PackagedFile } from './packaged-file.js';

/** What src/sdk/hooks/bundled-modules.ts puts there. */
const TAKE = 'const sietchOtelTake=globalThis[Symbol.for("sietch.otel.bundled")]';

/** The source of the module with that end. */
export function withHandOver(source: string, file: string, { path, version }: PackagedFile): string {
  const names = `${JSON.stringify(path)},${JSON.stringify(version)}`;
  return isEsModule(file, source)
    ? esModuleWithHandOver(source, file, names)
    : `${source}\n;{${TAKE};if(sietchOtelTake)module.exports=sietchOtelTake(${names},module.exports)}\n`;
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

function isEsModule(file: string, source: string): boolean {
  if (/\.[cm]js$/.test(file)) return file.endsWith('.mjs');
  return ES_SYNTAX.test(withoutComments(source));
}

function withoutComments(source: string): string {
  return source.replaceAll(/\/\*[\s\S]*?\*\//g, '');
}
