// Loads dist/bundle.js with V8's code cache, so that its functions need not be compiled again at
// each start of a process.
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { Script } from 'node:vm';
import { CodeCache } from './code-cache.js';
import { writeLine } from './diagnose/stderr.js';
import { isMainThread } from './node/main-thread.js';
import { otherRuntime } from './node/other-runtime.js';

/**
 * Hash of the bundle, set when it is built. V8 compares lengths only, and npm gives all files one
 * time.
 */
declare const BUNDLE_ID: string;

type Bundle = Readonly<Record<string, () => unknown>>;

let loaded: Bundle | undefined;

/**
 * The bundle's doors. The cache is only ever a help: whatever is wrong with it, the bundle is
 * loaded without.
 */
export function loadBundle(): Bundle {
  loaded ??= runBundle(join(__dirname, 'bundle.js'));
  return loaded;
}

function runBundle(file: string): Bundle {
  const cache = findCodeCache(file);
  const cachedData = cache?.read();
  // The file is ASCII (esbuild's default), which is read fastest as Latin-1.
  const script = new Script(readFileSync(file, 'latin1'), {
    filename: file,
    ...(cachedData === undefined ? {} : { cachedData }),
  });
  const module: { exports: Bundle } = { exports: {} };
  script.runInThisContext()(module.exports, require, module, file, __dirname);
  if (cache !== undefined && (cachedData === undefined || script.cachedDataRejected === true)) writeWhenIdle(script, cache);
  return module.exports;
}

/**
 * Below the user's own cache folder. Not in the system's temporary one, nor on Windows, where the
 * owner of a file is not to be had; nor under Bun and Deno, which give themselves out as a version
 * of Node.js and have other engines.
 */
function findCodeCache(file: string): CodeCache | undefined {
  const setting = process.env['SIETCH_OTEL_CODE_CACHE'] ?? '';
  if (setting.toLowerCase() === 'off' || process.geteuid === undefined || otherRuntime() !== undefined) return undefined;
  try {
    const folder = setting || join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'sietch-otel');
    const name = `${process.version}-${process.arch}-${BUNDLE_ID}-${startHash(file)}.v8`;
    return new CodeCache(resolve(folder), name, (reason) => {
      if (setting !== '') warnOfRefusal(setting, reason);
    });
  } catch {
    return undefined;
  }
}

/**
 * V8 takes no cache that was made under other flags, and services of one machine differ in
 * `--max-old-space-size`. A cache holds the path of the bundle that it was made of, which stacks
 * show: another copy of this package has another cache.
 */
function startHash(file: string): string {
  const text = [file, process.env['NODE_OPTIONS'], ...process.execArgv.filter((argument) => argument.startsWith('--'))].join(' ');
  let hash = 0;
  for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) >>> 0;
  return hash.toString(36);
}

/** Written without the diagnostics, which are in the bundle. */
function warnOfRefusal(setting: string, reason: string): void {
  if (!isMainThread || /^(none|error)$/i.test(process.env['OTEL_LOG_LEVEL'] ?? '')) return;
  writeLine(
    `[sietch-otel] warn SIETCH141 SIETCH_OTEL_CODE_CACHE is not used: ${setting}, ${reason} Remedy: name a folder that this user alone can write, on a path that nobody else can change`,
  );
}

/**
 * Once the app has started: by then the functions of start-up are compiled and go into the cache.
 */
function writeWhenIdle(script: Script, cache: CodeCache): void {
  const create = () => script.createCachedData();
  const writeAtExit = () => {
    clearTimeout(timer);
    cache.writeNow(create);
  };
  const timer = setTimeout(() => cache.write(create, () => process.removeListener('exit', writeAtExit)), 1000).unref();
  process.on('exit', writeAtExit);
}
