// Checks the options of WebhookQueue and puts the defaults in.
import {
  bool,
  checkOptions,
  decimal,
  either,
  expectation,
  func,
  options as group,
  integer,
  milliseconds,
  type OptionCheck,
  type OptionTable,
  oneOf,
  required,
  string,
  that,
} from '../config/options.js';
import type { ClaimStore } from './claims.js';
import type { PostgresOption, PostgresPlace, ResolvedQueueOptions, WebhookQueueOptions } from './options.js';

const DAY_MS = 86_400_000;
/** As far back as a date reaches without a doubt. */
const MAX_AGE_MS = 36_500 * DAY_MS;
const MEBIBYTE = 1_048_576;

/** A URL, or an object whose contents belong to the client library. */
const connection: OptionCheck = (name, value) => {
  const what = 'a URL or an object';
  if (typeof value === 'string') string(what, /^\w+:\/\//)(name, value);
  else that(what, (given) => typeof given === 'object' && given !== null && !Array.isArray(given))(name, value);
};

const place = group({
  connection: required(connection),
  schema: string('a plain identifier of PostgreSQL', /^[A-Za-z_][A-Za-z0-9_$]{0,62}$/),
  migrate: bool,
});

const claims: OptionCheck = (name, value) => {
  if (typeof value !== 'object' || value === null) throw new TypeError(expectation(name, 'a ClaimStore, an object or false', value));
  if (!('once' in value)) return place(name, value);
  for (const method of ['once', 'forget', 'close']) func(`${name}.${method}`, Reflect.get(value, method));
};

/** One concurrency for the option and for the property. */
export const concurrency: OptionCheck = integer(1, 10_000);

const TABLE: OptionTable = {
  name: required(string('a string of 1 to 200 characters without colons', /^[^:]{1,200}$/)),
  connection: required(connection),
  processor: func,
  prefix: string('a string of 1 to 200 characters', /^.{1,200}$/),
  retries: integer(0, 1000),
  backoff: group({ delayMs: milliseconds(1), factor: decimal(1, 100), maxMs: milliseconds(1), jitter: decimal(0, 1) }),
  concurrency,
  rateLimit: group({ max: required(integer(1)), durationMs: required(milliseconds(1)) }),
  enqueueTimeoutMs: integer(1, 60_000),
  connectTimeoutMs: integer(1, 60_000),
  maxPayloadBytes: integer(1, 512 * MEBIBYTE),
  requireDurable: bool,
  spill: place,
  directProcessorFallback: either([true, false], group({ concurrency: integer(1), timeoutMs: milliseconds(1) })),
  claims: either([false], claims),
  retention: group({ completedMs: integer(1000, MAX_AGE_MS), completedCount: integer(0) }),
  claimRetentionMs: integer(1000, MAX_AGE_MS),
  deadLetters: group({ onRedelivery: oneOf(['swallow', 'revive']), retentionMs: integer(1000, MAX_AGE_MS) }),
  lockDurationMs: milliseconds(100),
  sweepIntervalMs: milliseconds(100),
  onEvent: func,
};

/** @throws {TypeError | RangeError} naming the option, what was expected and what was got. */
export function readOptions<Payload>(options: WebhookQueueOptions<Payload>): ResolvedQueueOptions<Payload> {
  checkOptions('options', options, TABLE);
  const spill = options.spill === undefined ? undefined : readPlace(options.spill);
  return {
    name: options.name,
    connection: options.connection,
    processor: options.processor === undefined ? undefined : (event, context) => options.processor?.(event, context),
    prefix: readPrefix(options),
    retries: options.retries ?? 3,
    backoff: readBackoff(options.backoff),
    concurrency: options.concurrency ?? 10,
    rateLimit: options.rateLimit,
    enqueueTimeoutMs: options.enqueueTimeoutMs ?? 300,
    connectTimeoutMs: options.connectTimeoutMs ?? 3000,
    maxPayloadBytes: options.maxPayloadBytes ?? MEBIBYTE,
    requireDurable: options.requireDurable ?? false,
    spill,
    direct: readDirect(options),
    claims: readClaims(options.claims, spill),
    claimRetentionMs: options.claimRetentionMs ?? 7 * DAY_MS,
    retention: {
      completedMs: options.retention?.completedMs ?? 3 * DAY_MS,
      completedCount: options.retention?.completedCount ?? 50_000,
    },
    onRedelivery: options.deadLetters?.onRedelivery ?? 'swallow',
    deadRetentionMs: options.deadLetters?.retentionMs ?? 30 * DAY_MS,
    lockDurationMs: options.lockDurationMs ?? 30_000,
    sweepIntervalMs: options.sweepIntervalMs ?? 30_000,
    onEvent: options.onEvent,
  };
}

function readBackoff(backoff: WebhookQueueOptions['backoff'] = {}): ResolvedQueueOptions<unknown>['backoff'] {
  const { delayMs = 1000, factor = 2, maxMs = Math.max(60_000, delayMs), jitter = 0.2 } = backoff;
  if (maxMs < delayMs) throw new RangeError(expectation('backoff.maxMs', `at least \`backoff.delayMs\`, which is ${delayMs}`, maxMs));
  return { delayMs, factor, maxMs, jitter };
}

function readDirect<Payload>(options: WebhookQueueOptions<Payload>): ResolvedQueueOptions<unknown>['direct'] {
  const direct = options.directProcessorFallback ?? false;
  if (direct === false) return undefined;
  if (options.processor === undefined)
    throw new TypeError('Expected `processor` to be given with `directProcessorFallback`, got undefined');
  const { concurrency = 10, timeoutMs = 10_000 } = direct === true ? {} : direct;
  return { concurrency, timeoutMs };
}

function readClaims(claims: WebhookQueueOptions['claims'], spill: PostgresPlace | undefined): ClaimStore | PostgresPlace | undefined {
  if (claims === false) return undefined;
  if (claims === undefined) return spill;
  return 'once' in claims ? claims : readPlace(claims);
}

function readPlace({ connection, schema = 'sietch_queue', migrate = true }: PostgresOption): PostgresPlace {
  return { connection, schema, migrate };
}

/**
 * In a cluster all keys of a queue must be on one node:
 * https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags
 */
function readPrefix<Payload>({ prefix = 'bull', name, connection }: WebhookQueueOptions<Payload>): string {
  const isCluster = typeof connection === 'object' && 'isCluster' in connection && connection.isCluster === true;
  const hasTag = /\{[^}]+\}/.test(`${prefix}:${name}`);
  if (isCluster && !hasTag) {
    throw new TypeError(expectation('prefix', 'a string with a hash tag for a Redis Cluster, for example `{bull}`', prefix));
  }
  return prefix;
}
