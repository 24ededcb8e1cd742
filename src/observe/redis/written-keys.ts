// Which keys a command wrote.
import type { CommandKind } from './command-kind.js';

/** Writing commands whose key has no end of life afterwards. SET is looked at more closely. */
const MAKERS: ReadonlySet<string> = new Set(
  'getset geosearchstore mset msetnx sdiffstore setnx sinterstore sunionstore zdiffstore zinterstore zrangestore zunionstore'.split(' '),
);
/**
 * Writing commands that give their key an end of life, or leave it what it has. Removals (DEL,
 * LPOP, SREM …) do not make a writer.
 */
const WRITERS: ReadonlySet<string> = new Set(
  `append bitfield decr decrby geoadd hincrby hincrbyfloat hmset hset hsetex hsetnx incr incrby incrbyfloat linsert lpush lpushx lset pfadd psetex
  restore rpush rpushx sadd setbit setex setrange xadd zadd zincrby json.set json.merge json.arrappend json.numincrby ts.add`.split(/\s+/),
);
/** Scripts may write any of the keys they are given. */
const SCRIPTS: ReadonlySet<string> = new Set(['eval', 'evalsha', 'fcall']);
/** Commands that only change when a key ends. */
const EXPIRIES: ReadonlySet<string> = new Set(['expire', 'expireat', 'getex', 'pexpire', 'pexpireat']);
const LIVES_ON: ReadonlySet<string> = new Set(['EX', 'PX', 'EXAT', 'PXAT', 'KEEPTTL']);

/**
 * The effect of a command on keys: it wrote keys that now never expire, wrote keys that may, or
 * changed when they do.
 */
export type Effect = 'made' | 'wrote' | 'expires';

/** The effect of a command that succeeded with `reply`; undefined when it wrote nothing. */
export function effectOf(kind: CommandKind, args: readonly unknown[], reply: unknown): Effect | undefined {
  const { name } = kind;
  if (name === 'set') return wasSet(args, reply) ? (args.slice(2).some((arg) => isWordOf(arg, LIVES_ON)) ? 'wrote' : 'made') : undefined;
  if (MAKERS.has(name)) return name.endsWith('setnx') && Number(reply) === 0 ? undefined : 'made';
  if (WRITERS.has(name) || SCRIPTS.has(name)) return 'wrote';
  if (EXPIRIES.has(name)) return name === 'getex' || Number(reply) === 1 ? 'expires' : undefined;
  return undefined;
}

/** The keys of a command that has an effect. */
export function affectedKeys(kind: CommandKind, args: readonly unknown[]): readonly unknown[] {
  if (kind.keys === 'everyOther') return args.filter((_, index) => index % 2 === 0);
  if (SCRIPTS.has(kind.name)) return args.slice(2, 2 + Math.max(0, Number(args[1])));
  return args.slice(0, 1);
}

const CONDITIONS: ReadonlySet<string> = new Set(['NX', 'XX', 'IFEQ', 'IFNE', 'IFDEQ', 'IFDNE']);

/**
 * SET with a condition answers nothing when it did nothing; with GET it answers the old value, so
 * that is not known.
 */
function wasSet(args: readonly unknown[], reply: unknown): boolean {
  return (reply !== null && reply !== undefined) || !args.slice(2).some((arg) => isWordOf(arg, CONDITIONS));
}

/** Numbers among a command's arguments may be bytes or text; words are text. */
function isWordOf(arg: unknown, words: ReadonlySet<string>): boolean {
  return typeof arg === 'string' && arg.length <= 7 && words.has(arg.toUpperCase());
}
