// Loads dist/bundle.js with V8's code cache, so that its functions need not be compiled again at each start of a process.
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Script } from 'node:vm';

const KEPT_CACHES = 16;

type Bundle = Readonly<Record<string, () => unknown>>;

let loaded: Bundle | undefined;

/** The bundle's doors. The cache is only ever a help: whatever is wrong with it, the bundle is loaded without. */
export function loadBundle(): Bundle {
  loaded ??= runBundle(join(__dirname, 'bundle.js'));
  return loaded;
}

function runBundle(file: string): Bundle {
  const cacheFile = codeCacheFile(file);
  const cachedData = cacheFile === undefined ? undefined : readOwnFile(cacheFile);
  // The file is ASCII (esbuild's default), which is read fastest as Latin-1.
  const script = new Script(readFileSync(file, 'latin1'), {
    filename: file,
    ...(cachedData === undefined ? {} : { cachedData }),
  });
  const module: { exports: Bundle } = { exports: {} };
  script.runInThisContext()(module.exports, require, module, file, __dirname);
  if (cacheFile !== undefined && (cachedData === undefined || script.cachedDataRejected === true)) writeWhenIdle(script, cacheFile);
  return module.exports;
}

/**
 * Below the user's own cache folder, one file a version of Node and of this package, and a set of flags. Not in the system's temporary folder: whoever can write the
 * cache can run code in the process.
 */
function codeCacheFile(bundle: string): string | undefined {
  const setting = process.env['SIETCH_OTEL_CODE_CACHE'] ?? '';
  if (setting.toLowerCase() === 'off') return undefined;
  try {
    const folder = setting || join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'sietch-otel');
    const { size, mtimeMs } = statSync(bundle);
    return join(folder, `${process.version}-${process.arch}-${size.toString(36)}-${Math.trunc(mtimeMs).toString(36)}-${flags()}.v8`);
  } catch {
    return undefined;
  }
}

/** V8 takes no cache that was made under other flags, and services of one machine differ in `--max-old-space-size`. */
function flags(): string {
  const text = [process.env['NODE_OPTIONS'], ...process.execArgv.filter((argument) => argument.startsWith('--'))].join(' ');
  let hash = 0;
  for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) >>> 0;
  return hash.toString(36);
}

/** Reads a file that belongs to this user and that nobody else may write. */
function readOwnFile(file: string): Buffer | undefined {
  try {
    const { uid, mode } = statSync(file);
    return uid === process.getuid?.() && (mode & 0o022) === 0 ? readFileSync(file) : undefined;
  } catch {
    return undefined;
  }
}

/** Once the app has started: by then the functions of start-up are compiled and go into the cache. */
function writeWhenIdle(script: Script, file: string): void {
  const write = () => {
    clearTimeout(timer);
    process.removeListener('exit', write);
    const temporary = `${file}.${process.pid}`;
    try {
      mkdirSync(join(file, '..'), { recursive: true, mode: 0o700 });
      writeFileSync(temporary, script.createCachedData(), { mode: 0o600, flag: 'wx' });
      renameSync(temporary, file);
      removeOldest(join(file, '..'));
    } catch {
      removeQuietly(temporary);
    }
  };
  const timer = setTimeout(write, 1000).unref();
  process.on('exit', write);
}

/** Each version of Node and of this package, and each set of flags, leaves a file; the newest few are those still used. */
function removeOldest(folder: string): void {
  const caches = readdirSync(folder)
    .filter((name) => name.endsWith('.v8'))
    .map((name) => ({ path: join(folder, name), at: statSync(join(folder, name)).mtimeMs }))
    .sort((a, b) => b.at - a.at);
  for (const { path } of caches.slice(KEPT_CACHES)) unlinkSync(path);
}

function removeQuietly(file: string): void {
  try {
    unlinkSync(file);
  } catch {
    // It was never written.
  }
}
