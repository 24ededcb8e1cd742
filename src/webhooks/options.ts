// The options of WebhookQueue: documented, checked and completed in one place.
import type { Cluster, Redis, RedisOptions } from 'ioredis';
import type { ClaimStore, Transaction } from './claims.js';
import type { PostgresOptions } from './postgres-options.js';
import type { QueueEvent } from './queue-event.js';
import type { WebhookEvent } from './webhook-event.js';

/**
 * Address of Redis: a URL, ioredis options (with a `url` if need be, as BullMQ has it), or a
 * client, which is duplicated and never used itself.
 */
export type RedisConnectionOption = string | (RedisOptions & { readonly url?: string }) | Redis | Cluster;
/** Address of PostgreSQL: a URL or pg's pool options. */
export type PostgresConnectionOption = string | PostgresOptions;

/**
 * A place in PostgreSQL. `schema` by default `sietch_queue`; with `migrate: false` its tables are
 * made by you.
 */
export interface PostgresOption {
  readonly connection: PostgresConnectionOption;
  readonly schema?: string;
  readonly migrate?: boolean;
}

/** Facts about the attempt that a processor gets besides the event. */
export interface ProcessingContext {
  readonly jobId: string;
  /** From 1. */
  readonly attempt: number;
  readonly maxAttempts: number;
  /** `direct`: inside the call of `enqueue`, because no store took the event. */
  readonly mode: 'queued' | 'direct';
  readonly store: 'redis' | 'postgres' | 'none';
  /** Aborted when direct processing ran out of time. */
  readonly signal: AbortSignal;
  /**
   * With claims: what is written through it is committed together with the claim, so it happens
   * once.
   */
  readonly transaction: Transaction | undefined;
}

/** An event as the processor gets it. */
export interface ReceivedEvent<Payload> extends WebhookEvent<Payload> {
  /** When `enqueue` was called, ms since 1970. */
  readonly receivedAt: number;
}

/** The same for a queue with claims: there is always a transaction. */
export interface ClaimedProcessingContext extends ProcessingContext {
  readonly transaction: Transaction;
}

export interface WebhookQueueOptions<Payload = unknown> {
  /** Name of the queue. No colons. */
  readonly name: string;
  readonly connection: RedisConnectionOption;
  /** Needed by `startWorker()` and by `directProcessorFallback`. */
  processor?(event: ReceivedEvent<Payload>, context: ProcessingContext): unknown;
  /**
   * Key prefix in Redis. In a Redis Cluster it must hold a hash tag: `{webhooks}`. Default `bull`.
   */
  readonly prefix?: string;
  /** Retries after the first attempt. Default 3, so 4 attempts. */
  readonly retries?: number;
  /**
   * Wait before retry n: `delayMs * factor^(n-1)`, at most `maxMs`, less a random share of up to
   * `jitter`. Default 1000, 2, 60000, 0.2.
   */
  readonly backoff?: { readonly delayMs?: number; readonly factor?: number; readonly maxMs?: number; readonly jitter?: number };
  /** Jobs a worker runs at once. Default 10. */
  readonly concurrency?: number;
  /** At most `max` jobs begin in `durationMs`, over all workers. Default: no limit. */
  readonly rateLimit?: { readonly max: number; readonly durationMs: number };
  /**
   * Longest time `enqueue` waits for an answer of Redis. Time in which the event loop was blocked
   * does not count. Default 300.
   */
  readonly enqueueTimeoutMs?: number;
  /**
   * Longest time the first calls of `enqueue` wait for the first connection to Redis. Default 3000.
   */
  readonly connectTimeoutMs?: number;
  /** Largest payload as JSON. Default 1048576. */
  readonly maxPayloadBytes?: number;
  /**
   * Redis takes events only while it is known to keep them: no eviction of keys, an append-only
   * file. Else they go where they go when it fails. Default false: that it may lose them is
   * reported (`unsafe_store`), and they are acknowledged.
   */
  readonly requireDurable?: boolean;
  /**
   * When Redis fails, events go to a queue in PostgreSQL that the same worker drains. Needs bullmq
   * 6. Default: none.
   */
  readonly spill?: PostgresOption;
  /** When no store takes an event, `enqueue` runs the processor itself. Default false. */
  readonly directProcessorFallback?: boolean | { readonly concurrency?: number; readonly timeoutMs?: number };
  /**
   * Each event's work is done once, wherever it runs. Default: in the PostgreSQL of `spill`, none
   * without one.
   */
  readonly claims?: ClaimStore | PostgresOption | false;
  /**
   * Time for which completed events are known, so that a redelivery is a duplicate. Default 3 days,
   * at most 50000 events.
   */
  readonly retention?: { readonly completedMs?: number; readonly completedCount?: number };
  /** Time for which claims are kept; longer than the provider delivers again. Default 7 days. */
  readonly claimRetentionMs?: number;
  /**
   * Dead letters: what a redelivery of a dead event does, and how long they are kept. Default
   * `swallow`, 30 days.
   */
  readonly deadLetters?: { readonly onRedelivery?: 'swallow' | 'revive'; readonly retentionMs?: number };
  /** A worker that has not renewed its hold on a job for so long has lost it. Default 30000. */
  readonly lockDurationMs?: number;
  /**
   * Time between two looks for stalled jobs, unannounced dead letters and expired claims. Default
   * 30000.
   */
  readonly sweepIntervalMs?: number;
  /** Told of what an operator wants to know. What it throws is ignored. */
  readonly onEvent?: (event: QueueEvent) => void;
}

/** Options of a queue with claims, which `spill` brings along. */
export type ClaimedQueueOptions<Payload = unknown> = Omit<WebhookQueueOptions<Payload>, 'processor' | 'spill' | 'claims'> & {
  processor?(event: ReceivedEvent<Payload>, context: ClaimedProcessingContext): unknown;
} & (
    | { readonly spill: PostgresOption; readonly claims?: ClaimStore | PostgresOption }
    | { readonly spill?: PostgresOption; readonly claims: ClaimStore | PostgresOption }
  );

/** Options with all defaults in. */
export interface ResolvedQueueOptions<Payload> {
  readonly name: string;
  readonly connection: RedisConnectionOption;
  readonly processor: WebhookQueueOptions<Payload>['processor'];
  readonly prefix: string;
  readonly retries: number;
  readonly backoff: { readonly delayMs: number; readonly factor: number; readonly maxMs: number; readonly jitter: number };
  readonly concurrency: number;
  readonly rateLimit: { readonly max: number; readonly durationMs: number } | undefined;
  readonly enqueueTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly maxPayloadBytes: number;
  readonly requireDurable: boolean;
  readonly spill: PostgresPlace | undefined;
  readonly direct: { readonly concurrency: number; readonly timeoutMs: number } | undefined;
  readonly claims: ClaimStore | PostgresPlace | undefined;
  readonly retention: { readonly completedMs: number; readonly completedCount: number };
  readonly claimRetentionMs: number;
  readonly onRedelivery: 'swallow' | 'revive';
  readonly deadRetentionMs: number;
  readonly lockDurationMs: number;
  readonly sweepIntervalMs: number;
  readonly onEvent: ((event: QueueEvent) => void) | undefined;
}

export interface PostgresPlace {
  readonly connection: PostgresConnectionOption;
  readonly schema: string;
  readonly migrate: boolean;
}
