// The members of pg-boss that are used, as of 9.0 to 12.38: public ones alone.

export type BossMethod = (this: object, ...args: unknown[]) => unknown;

/**
 * A job as a handler gets it. The second names are those of pg-boss 9; all but the first three come
 * with `includeMetadata`.
 */
export interface PgBossJob {
  readonly id: string;
  readonly name: string;
  readonly data?: unknown;
  readonly retryCount?: number;
  readonly retrycount?: number;
  readonly retryLimit?: number;
  readonly retrylimit?: number;
  readonly startAfter?: unknown;
  readonly startafter?: unknown;
  readonly startedOn?: unknown;
  readonly startedon?: unknown;
}

/** Up to pg-boss 11, `start` is on the prototype and all the others are made for each instance. */
export type BossPrototype = Record<string, BossMethod | undefined>;

export interface BossClass {
  readonly prototype: BossPrototype;
}

/**
 * `module.exports` is the class up to pg-boss 11; from 12 on it is the namespace of an ES module.
 */
export interface PgBossModule {
  PgBoss?: BossClass;
  readonly prototype?: BossPrototype;
  readonly default?: BossClass;
}

/** What puts one job into a queue. */
export const SENDS = ['send', 'sendAfter', 'sendThrottled', 'sendDebounced', 'sendOnce', 'sendSingleton'] as const;

/** From this version on pg-boss makes spans itself, and has a column for the context. */
export function hasOwnTelemetry(version: string | undefined): boolean {
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number);
  return major > 12 || (major === 12 && minor >= 36);
}

export function isJob(value: unknown): value is PgBossJob {
  return typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string' && 'name' in value;
}
