// db.query.text of a command: its name and the patterns of its keys. No argument that is not a key
// is ever looked at for output.
import { createHash } from 'node:crypto';
import { ResultCache } from '../result-cache.js';
import type { CommandKind } from './command-kind.js';
import { keyPattern } from './key-pattern.js';

/** Different patterns shown; the rest is a number. */
const MAX_PATTERNS = 5;
const MAX_KEYS = 100;
const SHA_LENGTH = 12;
const MAX_SCRIPTS = 200;

const shaByScript = new ResultCache<string, string>(MAX_SCRIPTS);

/** `get user:?`, `mget user:? (+8)`, `evalsha 3b1ee2d6a1f0 1 lock:?`. */
export function statementOf(kind: CommandKind, args: readonly unknown[]): string {
  switch (kind.keys) {
    case 'none':
      return kind.name;
    case 'first':
      return args.length === 0 ? kind.name : `${kind.name} ${keyPattern(args[0])}`;
    case 'script':
      return `${kind.name} ${scriptId(args[0])} ${countOf(args[1])}${listKeys(args, 2, 2 + countOf(args[1]), 1)}`;
    case 'function':
      return `${kind.name} ${keyPattern(args[0])} ${countOf(args[1])}${listKeys(args, 2, 2 + countOf(args[1]), 1)}`;
    default:
      return `${kind.name}${listByLayout(kind, args)}`;
  }
}

function listByLayout(kind: CommandKind, args: readonly unknown[]): string {
  const end = args.length;
  switch (kind.keys) {
    case 'second':
      return listKeys(args, 1, 2, 1);
    case 'firstTwo':
      return listKeys(args, 0, 2, 1);
    case 'allButFirst':
      return listKeys(args, 1, end, 1);
    case 'allButLast':
      return listKeys(args, 0, end - 1, 1);
    case 'everyOther':
      return listKeys(args, 0, end, 2);
    case 'counted':
      return listKeys(args, 1, 1 + countOf(args[0]), 1);
    case 'countedSecond':
      return listKeys(args, 2, 2 + countOf(args[1]), 1);
    case 'streams':
      return listStreams(args);
    default:
      return listKeys(args, 0, end, 1);
  }
}

function listStreams(args: readonly unknown[]): string {
  const word = args.findIndex((arg) => typeof arg === 'string' && arg.toLowerCase() === 'streams');
  if (word === -1) return '';
  return listKeys(args, word + 1, word + 1 + Math.floor((args.length - word - 1) / 2), 1);
}

/** ` key key (+n)`: each pattern once. */
function listKeys(args: readonly unknown[], from: number, to: number, step: number): string {
  const end = Math.min(to, args.length);
  const patterns: string[] = [];
  let keys = 0;
  for (let index = from; index < end; index += step) {
    keys++;
    if (patterns.length >= MAX_PATTERNS || keys > MAX_KEYS) continue;
    const pattern = keyPattern(args[index]);
    if (!patterns.includes(pattern)) patterns.push(pattern);
  }
  if (keys === 0) return '';
  const rest = keys - patterns.length;
  return ` ${patterns.join(' ')}${rest === 0 ? '' : ` (+${rest})`}`;
}

function countOf(arg: unknown): number {
  const count = Number(arg);
  return Number.isInteger(count) && count >= 0 ? count : 0;
}

/**
 * The start of the script's SHA-1, to compare with SCRIPT EXISTS and with the app's scripts.
 * ioredis swaps script and SHA-1 as it sends.
 */
function scriptId(script: unknown): string {
  if (typeof script !== 'string') return '?';
  if (/^[0-9a-fA-F]{40}$/.test(script)) return script.slice(0, SHA_LENGTH).toLowerCase();
  let sha = shaByScript.get(script);
  if (sha === undefined) {
    sha = createHash('sha1').update(script).digest('hex').slice(0, SHA_LENGTH);
    shaByScript.offer(script, sha);
  }
  return sha;
}
