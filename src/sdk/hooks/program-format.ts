// Finds out whether the main program is an ES module, before Node does.
import { realpathSync } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';
import { readRegularFile } from '../../node/regular-file.js';

/**
 * True for `.mjs`, for `.js` and `.ts` below a package.json with `"type": "module"`, for text that
 * only an ES module may hold where Node looks at the text, for `--input-type=module`, and when
 * other loaders are in use.
 */
export function isEsModuleProgram(script: string | undefined, flags: readonly string[]): boolean {
  if (flags.some((flag) => /^--(input-type=module|(experimental-)?loader)\b/.test(flag) || isForeignImport(flag))) return true;
  if (script === undefined) return false;
  const file = realFile(script);
  const extension = extname(file);
  if (/^\.m[jt]s$/.test(extension)) return true;
  if (/^\.c[jt]s$/.test(extension)) return false;
  const type = packageType(dirname(file));
  return type === undefined ? looksLikeEsModule(file) : type === 'module';
}

/** `--import tsx` and the like bring ES modules of their own; our own door does not. */
function isForeignImport(flag: string): boolean {
  return flag.startsWith('--import=') && !/sietch|register\.mjs/.test(flag);
}

/** The flags of this process, `--import x` written as `--import=x`. */
export function nodeFlags(): string[] {
  const flags = [...(process.env['NODE_OPTIONS'] ?? '').split(/\s+/), ...process.execArgv];
  return flags.map((flag, index) => (flag === '--import' || flag === '--loader' ? `${flag}=${flags[index + 1] ?? ''}` : flag));
}

function realFile(script: string): string {
  for (const candidate of [script, `${script}.js`, join(script, 'index.js')]) {
    try {
      return realpathSync(resolve(candidate));
    } catch {
      // Node too tries the next one.
    }
  }
  return resolve(script);
}

function packageType(folder: string): string | undefined {
  try {
    const manifest: { type?: unknown } = JSON.parse(readRegularFile(join(folder, 'package.json')).toString());
    return typeof manifest.type === 'string' ? manifest.type : undefined;
  } catch {
    const parent = dirname(folder);
    return parent === folder ? undefined : packageType(parent);
  }
}

function looksLikeEsModule(file: string): boolean {
  try {
    return /^\s*(import\s*[\w*{'"]|export\s*[\w*{])/m.test(readRegularFile(file).toString());
  } catch {
    return false;
  }
}
