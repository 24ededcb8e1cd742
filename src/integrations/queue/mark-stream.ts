// A stream in the Redis of queues, in which processes tell one another the ids of traces that they
// have kept: short-lived, bounded, and dated by Redis' own clock.
import { describeError } from '../../observe/redis/error-type.js';
import type { QueueInstance, RedisClient } from './bullmq-module.js';
import type { FindPlace, MarkPlace } from './kept-marks.js';
import { type Marks, traceIdsIn } from './mark-exchange.js';
import { addressOf, type OwnConnections, type OwnScript, redisOf, runScript } from './own-connections.js';
import { prefixOf } from './queue-keys.js';

/** Longer than a recorded trace is held: nobody looks for an older mark. */
const TTL_MS = 120_000;
/** Entries kept; one for each time that a process writes. */
const MAX_ENTRIES = 10_000;
/** Entries of one reading; what is left comes with the next. */
const READ_ENTRIES = 1_000;
/** What a process reads that has not read before. */
const FIRST_SECONDS = 60;

const WRITE: OwnScript = {
  command: 'sietchWriteMarks',
  numberOfKeys: 1,
  lua: `
redis.call('XADD', KEYS[1], 'MAXLEN', '~', ${MAX_ENTRIES}, '*', 't', ARGV[1])
return redis.call('PEXPIRE', KEYS[1], ${TTL_MS})`,
};

/**
 * Answers the id to go on from, then the texts of the entries. Once the stream is gone it begins
 * anew: the clock may have been set back, or another server may have taken over.
 */
const READ: OwnScript = {
  command: 'sietchReadMarks',
  numberOfKeys: 1,
  lua: `
local from = ARGV[1]
if from == '' then from = string.format('%d-0', (redis.call('TIME')[1] - ${FIRST_SECONDS}) * 1000) end
local found = redis.call('XREAD', 'COUNT', ${READ_ENTRIES}, 'STREAMS', KEYS[1], from)
local answer = { from }
if found then
  for _, entry in ipairs(found[1][2]) do
    answer[1] = entry[1]
    answer[#answer + 1] = entry[2][2]
  end
elseif not redis.call('XREAD', 'COUNT', 1, 'STREAMS', KEYS[1], '0-0') then
  answer[1] = ''
end
return answer`,
};

/**
 * Queues of one Redis and prefix share a stream. One whose jobs are elsewhere, as those that a WebhookQueue takes while its
 * Redis is away, uses the stream of one beside it.
 * @param others the queues of this process
 */
export function streamPlaces(connections: OwnConnections, others: () => Iterable<QueueInstance> = () => []): FindPlace<QueueInstance> {
  const inRedis = (queue: QueueInstance): Promise<MarkPlace> | undefined => {
    const prefix = prefixOf(queue);
    return redisOf(queue)?.then((client) => ({
      address: `${addressOf(client)} ${prefix}`,
      open: () => new MarkStream(connections, client, prefix),
    }));
  };
  return (queue) => {
    const own = inRedis(queue);
    if (own !== undefined) return own;
    for (const other of others()) {
      const beside = inRedis(other);
      if (beside !== undefined) return beside;
    }
    return undefined;
  };
}

export class MarkStream implements Marks {
  readonly #connections: OwnConnections;
  readonly #shared: RedisClient;
  readonly #key: string;
  #from = '';

  /**
   * @param shared the app's client of that Redis
   * @param prefix of the keys of its queues
   */
  constructor(connections: OwnConnections, shared: RedisClient, prefix: string) {
    this.#connections = connections;
    this.#shared = shared;
    this.#key = `${prefix}:sietch-otel:kept`;
  }

  get key(): string {
    return this.#key;
  }

  async write(traceIds: readonly string[]): Promise<void> {
    await this.#run(WRITE, traceIds.join());
  }

  async read(): Promise<string[]> {
    const answer = await this.#run(READ, this.#from);
    if (!Array.isArray(answer) || typeof answer[0] !== 'string') throw new Error('Not an answer of ours');
    const [from, ...texts]: unknown[] = answer;
    if (typeof from === 'string') this.#from = from;
    return texts.flatMap((text) => (typeof text === 'string' ? traceIdsIn(text) : []));
  }

  errorType(error: unknown): string {
    return describeError(error).type;
  }

  #run(script: OwnScript, argument: string): Promise<unknown> {
    return runScript(this.#connections.like(this.#shared), script, [this.#key, argument]);
  }
}
