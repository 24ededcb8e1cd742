// The Redis commands that are known: the name of each in telemetry (a fixed set, so that metrics
// stay small) and which of its arguments are keys.
import { OTHER } from '../../sdk/metrics/overflow.js';

const LAYOUTS = [
  'none',
  'first',
  'second',
  'firstTwo',
  'all',
  'allButFirst',
  'allButLast',
  'everyOther',
  // `numkeys key …`, from the first argument on.
  'counted',
  // `timeout numkeys key …` or `destination numkeys key …`.
  'countedSecond',
  // `script numkeys key …`: the script is shown as the start of its SHA-1.
  'script',
  // `function numkeys key …`.
  'function',
  // `… STREAMS key … id …`.
  'streams',
] as const;

/**
 * The positions of a command's keys among its arguments; an argument that is not known to be a key
 * is never shown.
 */
export type KeyLayout = (typeof LAYOUTS)[number];

/** How a command was sent; part of its name in telemetry, as the semantic conventions ask. */
export type CommandForm = 'plain' | 'pipeline' | 'multi';

/** One command as telemetry names it. */
export interface CommandKind {
  readonly name: string;
  /** Name by form: `set`, `PIPELINE set`, `MULTI set`. */
  readonly operation: Readonly<Record<CommandForm, string>>;
  readonly keys: KeyLayout;
  /** Waits in the server by design: its duration is no sign of health. */
  readonly isBlocking: boolean;
  /** Clients and BullMQ look after their connections by it. */
  readonly isUpkeep: boolean;
}

// From Redis 8's command table (COMMAND DOCS) and the module commands that Redis 8 ships.
const COMMANDS: Readonly<Record<KeyLayout, string>> = {
  none: `acl arcount asking auth backup bgrewriteaof bgsave client cluster command config dbsize debug discard echo exec failover flushall
    flushdb function hello himport hotkeys info keys lastsave latency lolwut migrate module monitor multi ping psync pubsub quit randomkey
    readonly readwrite replconf replicaof reset role save scan script select sentinel shutdown slaveof slowlog swapdb sync time unwatch wait waitaof
    ft.search ft.aggregate ft.create ft.info`,
  first: `append bitcount bitfield bitfield_ro bitpos decr decrby delex digest dump expire expireat expiretime geoadd geodist geohash geopos
    georadius georadius_ro georadiusbymember georadiusbymember_ro geosearch get getbit getdel getex getrange getset hdel hexists hexpire
    hexpireat hexpiretime hget hgetall hgetdel hgetex hincrby hincrbyfloat hkeys hlen hmget hmset hpersist hpexpire hpexpireat hpexpiretime
    hpttl hrandfield hscan hset hsetex hsetnx hstrlen httl hvals incr incrby incrbyfloat lindex linsert llen lpop lpos lpush lpushx lrange
    lrem lset ltrim move persist pexpire pexpireat pexpiretime pfadd psetex pttl publish restore rpop rpush rpushx sadd scard set setbit
    setex setnx setrange sismember smembers smismember sort sort_ro spop spublish srandmember srem sscan strlen substr ttl type vadd vcard
    vdim vemb vgetattr vinfo vismember vlinks vrandmember vrange vrem vsetattr vsim xack xackdel xadd xautoclaim xcfgset xclaim xdel xdelex
    xlen xpending xrange xrevrange xsetid xtrim zadd zcard zcount zincrby zlexcount zmscore zpopmax zpopmin zrandmember zrange zrangebylex
    zrangebyscore zrank zrem zremrangebylex zremrangebyrank zremrangebyscore zrevrange zrevrangebylex zrevrangebyscore zrevrank zscan zscore
    bf.add bf.exists bf.madd bf.mexists bf.reserve cf.add cf.exists json.arrappend json.arrlen json.del json.get json.merge json.numincrby
    json.objkeys json.set json.type ts.add ts.create ts.get ts.range topk.add topk.query`,
  second: 'memory object xgroup xinfo',
  firstTwo: 'blmove brpoplpush copy geosearchstore lcs lmove rename renamenx rpoplpush smove zrangestore',
  all: `del exists mget pfcount pfmerge psubscribe punsubscribe sdiff sdiffstore sinter sinterstore ssubscribe subscribe sunion sunionstore
    sunsubscribe touch unlink unsubscribe watch`,
  allButFirst: 'bitop',
  allButLast: 'blpop brpop bzpopmax bzpopmin json.mget',
  everyOther: 'mset msetnx',
  counted: 'lmpop sintercard zdiff zinter zintercard zmpop zunion',
  countedSecond: 'blmpop bzmpop zdiffstore zinterstore zunionstore',
  script: 'eval eval_ro evalsha evalsha_ro',
  function: 'fcall fcall_ro',
  streams: 'xread xreadgroup',
};

const BLOCKING: ReadonlySet<string> = new Set(
  'blmove blmpop blpop brpop brpoplpush bzmpop bzpopmax bzpopmin monitor psync sync wait waitaof xread xreadgroup'.split(' '),
);

const UPKEEP: ReadonlySet<string> = new Set(
  `asking auth client cluster command hello info psubscribe punsubscribe quit readonly readwrite reset select ssubscribe subscribe
  sunsubscribe unsubscribe`.split(/\s+/),
);

const UNKNOWN = createKind(OTHER, 'none');
const KINDS: ReadonlyMap<string, CommandKind> = new Map(
  LAYOUTS.flatMap((layout) => COMMANDS[layout].split(/\s+/).flatMap((name) => bothCases(name, createKind(name, layout)))),
);

/** ioredis sends lower case, node-redis upper case. */
function bothCases(name: string, kind: CommandKind): [name: string, kind: CommandKind][] {
  return [
    [name, kind],
    [name.toUpperCase(), kind],
  ];
}

/** The kind of the command `name`, in any case; one kind for all that are not in the set. */
export function kindOf(name: string): CommandKind {
  return KINDS.get(name) ?? KINDS.get(name.toLowerCase()) ?? UNKNOWN;
}

function createKind(name: string, keys: KeyLayout): CommandKind {
  return {
    name,
    operation: { plain: name, pipeline: `PIPELINE ${name}`, multi: `MULTI ${name}` },
    keys,
    isBlocking: BLOCKING.has(name),
    isUpkeep: UPKEEP.has(name),
  };
}
