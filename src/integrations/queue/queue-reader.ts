// Reads a queue's depth and age: one round trip, on our own connection, with a deadline.
import { context } from '@opentelemetry/api';
import { warn } from '../../diagnose/diagnostics.js';
import { withDeadline } from '../../node/deadline.js';
import type { QueueInstance, RedisClient } from './bullmq-module.js';
import { MAX_SKEW_MS, skewOf } from './clock-skew.js';
import type { QueueDepth } from './depth-gauges.js';
import { LOOP_CONTEXT } from './inner-context.js';
import { type OwnConnections, type OwnScript, redisOf, runScript } from './own-connections.js';
import { qualifiedName } from './queue-keys.js';

/** One look at a queue. */
export interface Reading extends QueueDepth {
  /** In BullMQ's words. */
  readonly counts: Readonly<Record<State, number>>;
}

export const STATES = ['waiting', 'prioritized', 'delayed', 'active', 'paused', 'waiting-children', 'completed', 'failed'] as const;
export type State = (typeof STATES)[number];

const DEADLINE_MS = 1000;
/** Keys of STATES, in its order. */
const KEYS = ['wait', 'prioritized', 'delayed', 'active', 'paused', 'waiting-children', 'completed', 'failed'];

/**
 * Lists end with the oldest job, that of active jobs with the one that was taken first: of its last
 * five, the earliest `processedOn`. `0:…` is BullMQ's marker, not a job.
 */
const LUA = `
local counts = {}
for i, key in ipairs(KEYS) do
  if i == 1 or i == 4 or i == 5 then counts[i] = redis.call('LLEN', key) else counts[i] = redis.call('ZCARD', key) end
end
local due = -1
local function look(id)
  if not id or string.sub(id, 1, 2) == '0:' then return end
  local job = redis.call('HMGET', ARGV[1] .. id, 'timestamp', 'opts')
  local at = tonumber(job[1] or '')
  if not at then return end
  local ok, opts = pcall(cjson.decode, job[2] or '{}')
  if ok and type(opts) == 'table' and tonumber(opts['delay']) then at = at + tonumber(opts['delay']) end
  if due < 0 or at < due then due = at end
end
look(redis.call('LINDEX', KEYS[1], -1))
look(redis.call('LINDEX', KEYS[5], -1))
look(redis.call('ZRANGE', KEYS[2], 0, 0)[1])
local begun = -1
for _, id in ipairs(redis.call('LRANGE', KEYS[4], -5, -1)) do
  local at = tonumber(redis.call('HGET', ARGV[1] .. id, 'processedOn') or '')
  if at and (begun < 0 or at < begun) then begun = at end
end
counts[9] = tostring(due)
counts[10] = tostring(begun)
local time = redis.call('TIME')
counts[11] = string.format('%d', time[1] * 1000 + math.floor(time[2] / 1000))
return counts`;
const SCRIPT: OwnScript = { command: 'sietchReadQueue', numberOfKeys: KEYS.length, lua: LUA };

export class QueueReader {
  readonly #connections: OwnConnections;
  #isSkewTold = false;

  constructor(connections: OwnConnections) {
    this.#connections = connections;
  }

  /** Rejects when the storage did not answer in time. */
  async read(instance: QueueInstance): Promise<Reading> {
    return context.with(LOOP_CONTEXT, () => withDeadline(this.#read(instance), DEADLINE_MS));
  }

  async #read(instance: QueueInstance): Promise<Reading> {
    const shared = redisOf(instance);
    return shared === undefined ? readOtherBackend(instance) : this.#readRedis(instance, await shared);
  }

  async #readRedis(instance: QueueInstance, shared: RedisClient): Promise<Reading> {
    const prefix = `${qualifiedName(instance)}:`;
    const args = [...KEYS.map((key) => prefix + key), prefix];
    const before = Date.now();
    const reply = await runScript(this.#connections.like(shared), SCRIPT, args);
    return this.#parseReply(reply, before);
  }

  #parseReply(reply: unknown, before: number): Reading {
    if (!Array.isArray(reply)) throw new Error('Not an answer of ours');
    const values = reply.map(Number);
    const [due = -1, begun = -1, time = 0] = values.slice(STATES.length);
    const ageOf = (at: number) => (at < 0 ? 0 : Math.max(0, time - at) / 1000);
    this.#warnOfSkew(skewOf(time, before, Date.now()));
    // Redis's own clock: those of the processes that read may differ.
    return { counts: countsByState(values), oldestWaiting: ageOf(due), oldestActive: ageOf(begun) };
  }

  #warnOfSkew(skewMs: number): void {
    if (this.#isSkewTold || Math.abs(skewMs) <= MAX_SKEW_MS) return;
    this.#isSkewTold = true;
    warn('SIETCH157', `this process is ${Math.round(Math.abs(skewMs) / 1000)} s ${skewMs > 0 ? 'ahead' : 'behind'}`);
  }
}

/** BullMQ's other storages (PostgreSQL) count for us, on their own connection. */
async function readOtherBackend(instance: QueueInstance): Promise<Reading> {
  const counts = await instance.backend?.getCounts?.(KEYS);
  if (counts === undefined) throw new Error('This storage cannot be read');
  return { counts: countsByState(counts), oldestWaiting: undefined, oldestActive: undefined };
}

function countsByState(values: readonly number[]): Record<State, number> {
  const [waiting = 0, prioritized = 0, delayed = 0, active = 0, paused = 0, children = 0, completed = 0, failed = 0] = values;
  return { waiting, prioritized, delayed, active, paused, 'waiting-children': children, completed, failed };
}
