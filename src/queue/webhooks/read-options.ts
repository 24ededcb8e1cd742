// Checks the options of WebhookQueue and puts the defaults in.
import type { ClaimStore } from './claims.js';
import { expectFunction, expectInteger, expectNumber, expectObject, expectOneOf, expectText, show } from './option-checks.js';
import type { PostgresConnectionOption, PostgresPlace, QueueSettled, WebhookQueueOptions } from './options.js';

const DAY_MS = 86_400_000;
const SCHEMA = /^[A-Za-z_][A-Za-z0-9_$]{0,62}$/;

/** @throws {TypeError | RangeError} naming the option, what was expected and what was got. */
export function readOptions<Payload>(options: WebhookQueueOptions<Payload>): QueueSettled<Payload> {
  expectObject('options', options);
  const { retention = {}, deadLetters = {}, onEvent } = options;
  const spill = options.spill === undefined ? undefined : readPlace('spill', options.spill);
  return {
    name: expectText('name', options.name, /^[^:]{1,200}$/, 'a string of 1 to 200 characters without colons'),
    connection: readConnection('connection', options.connection),
    processor: readProcessor(options),
    prefix: readPrefix(options),
    retries: expectInteger('retries', options.retries ?? 3, 0, 1000),
    backoff: readBackoff(options.backoff),
    concurrency: expectInteger('concurrency', options.concurrency ?? 10, 1, 10_000),
    rateLimit: readRateLimit(options.rateLimit),
    enqueueTimeoutMs: expectInteger('enqueueTimeoutMs', options.enqueueTimeoutMs ?? 300, 1, 60_000),
    connectTimeoutMs: expectInteger('connectTimeoutMs', options.connectTimeoutMs ?? 3000, 1, 60_000),
    maxPayloadBytes: expectInteger('maxPayloadBytes', options.maxPayloadBytes ?? 1_048_576, 1, 512 * 1_048_576),
    spill,
    direct: readDirect(options),
    claims: readClaims(options.claims, spill),
    claimRetentionMs: expectInteger('claimRetentionMs', options.claimRetentionMs ?? 7 * DAY_MS, 1000),
    retention: {
      completedMs: expectInteger('retention.completedMs', expectObject('retention', retention).completedMs ?? 3 * DAY_MS, 1000),
      completedCount: expectInteger('retention.completedCount', retention.completedCount ?? 50_000, 0),
    },
    onRedelivery: expectOneOf('deadLetters.onRedelivery', expectObject('deadLetters', deadLetters).onRedelivery ?? 'swallow', [
      'swallow',
      'revive',
    ]),
    deadRetentionMs: expectInteger('deadLetters.retentionMs', deadLetters.retentionMs ?? 30 * DAY_MS, 1000),
    lockDurationMs: expectInteger('lockDurationMs', options.lockDurationMs ?? 30_000, 100),
    sweepIntervalMs: expectInteger('sweepIntervalMs', options.sweepIntervalMs ?? 30_000, 100),
    onEvent: onEvent === undefined ? undefined : expectFunction('onEvent', onEvent),
  };
}

function readConnection<C>(name: string, connection: C): C {
  if (typeof connection === 'string') {
    expectText(name, connection, /^\w+:\/\//, 'a URL or an object');
    return connection;
  }
  return expectObject(name, connection);
}

function readBackoff(backoff: WebhookQueueOptions['backoff'] = {}): QueueSettled<unknown>['backoff'] {
  expectObject('backoff', backoff);
  const delayMs = expectInteger('backoff.delayMs', backoff.delayMs ?? 1000, 1);
  return {
    delayMs,
    factor: expectNumber('backoff.factor', backoff.factor ?? 2, 1, 100),
    maxMs: expectInteger('backoff.maxMs', backoff.maxMs ?? Math.max(60_000, delayMs), delayMs),
    jitter: expectNumber('backoff.jitter', backoff.jitter ?? 0.2, 0, 1),
  };
}

function readRateLimit(limit: WebhookQueueOptions['rateLimit']): QueueSettled<unknown>['rateLimit'] {
  if (limit === undefined) return undefined;
  return {
    max: expectInteger('rateLimit.max', expectObject('rateLimit', limit).max, 1),
    durationMs: expectInteger('rateLimit.durationMs', limit.durationMs, 1),
  };
}

function readDirect<Payload>(options: WebhookQueueOptions<Payload>): QueueSettled<unknown>['direct'] {
  const direct = options.directProcessorFallback ?? false;
  if (direct === false) return undefined;
  if (options.processor === undefined)
    throw new TypeError('Expected `processor` to be given with `directProcessorFallback`, got undefined');
  const { concurrency = 10, timeoutMs = 10_000 } = direct === true ? {} : expectObject('directProcessorFallback', direct);
  return {
    concurrency: expectInteger('directProcessorFallback.concurrency', concurrency, 1),
    timeoutMs: expectInteger('directProcessorFallback.timeoutMs', timeoutMs, 1),
  };
}

function readClaims(claims: WebhookQueueOptions['claims'], spill: PostgresPlace | undefined): ClaimStore | PostgresPlace | undefined {
  if (claims === false) return undefined;
  if (claims === undefined) return spill;
  if (isClaimStore(claims)) return claims;
  return readPlace('claims', claims);
}

function isClaimStore(claims: object): claims is ClaimStore {
  return 'once' in claims && typeof claims.once === 'function';
}

function readPlace(name: string, place: { connection: PostgresConnectionOption; schema?: string; migrate?: boolean }): PostgresPlace {
  expectObject(name, place);
  return {
    connection: readConnection(`${name}.connection`, place.connection),
    schema: expectText(`${name}.schema`, place.schema ?? 'sietch_queue', SCHEMA, 'a plain identifier of PostgreSQL'),
    migrate: place.migrate ?? true,
  };
}

function readProcessor<Payload>(options: WebhookQueueOptions<Payload>): WebhookQueueOptions<Payload>['processor'] {
  if (options.processor === undefined) return undefined;
  expectFunction('processor', options.processor);
  return (event, context) => options.processor?.(event, context);
}

/** In a cluster all keys of a queue must be on one node: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags */
function readPrefix<Payload>({ prefix = 'bull', name, connection }: WebhookQueueOptions<Payload>): string {
  expectText('prefix', prefix, /^.{1,200}$/, 'a string of 1 to 200 characters');
  const isCluster = typeof connection === 'object' && 'isCluster' in connection && connection.isCluster === true;
  const hasTag = /\{[^}]+\}/.test(`${prefix}:${name}`);
  if (isCluster && !hasTag) {
    throw new TypeError(`Expected \`prefix\` to hold a hash tag for a Redis Cluster, for example \`{bull}\`, got ${show(prefix)}`);
  }
  return prefix;
}
