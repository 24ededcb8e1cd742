// Interface of a store of events: BullMQ's queue in Redis, or in PostgreSQL.
import type { WebhookJobData } from './webhook-event.js';

/** States of jobs that are counted. */
export const STATES = ['waiting', 'prioritized', 'delayed', 'active', 'paused', 'completed', 'failed'] as const;

/** A BullMQ job of ours. */
export interface WebhookJob {
  readonly id?: string | undefined;
  readonly data: WebhookJobData;
  readonly opts: { attempts?: number; telemetry?: { metadata?: string; omitContext?: boolean } };
  readonly attemptsMade: number;
  readonly timestamp: number;
  readonly processedOn?: number | undefined;
  readonly finishedOn?: number | undefined;
  readonly failedReason: string;
  getState(): Promise<string>;
  updateData(data: WebhookJobData): Promise<void>;
  log(line: string): Promise<number>;
  moveToDelayed(timestamp: number, token?: string): Promise<void>;
  retry(state: 'failed', options: { resetAttemptsMade: boolean; resetAttemptsStarted: boolean }): Promise<void>;
  remove(): Promise<void>;
}

/** BullMQ's Queue, as far as it is used. */
export interface StoreQueue {
  toKey(type: string): string;
  waitUntilReady(): Promise<unknown>;
  add(name: string, data: WebhookJobData, options: object): Promise<WebhookJob>;
  getJob(jobId: string): Promise<WebhookJob | undefined>;
  /** Newest first. */
  getFailed(start: number, end: number): Promise<WebhookJob[]>;
  getJobLogs(jobId: string): Promise<{ logs: string[] }>;
  getJobCounts(...states: string[]): Promise<Record<string, number>>;
  clean(graceMs: number, limit: number, state: 'completed'): Promise<string[]>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  close(): Promise<void>;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/** BullMQ's Worker, as far as it is used. */
export interface StoreWorker {
  concurrency: number;
  on(event: 'active', listener: (job: WebhookJob) => void): unknown;
  on(event: 'failed', listener: (job: WebhookJob | undefined, error: Error) => void): unknown;
  on(event: 'stalled', listener: (jobId: string) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  pause(doNotWaitForJobs: boolean): Promise<void>;
  /** Void in BullMQ 5. */
  resume(): Promise<void> | void;
  run(): Promise<void>;
  waitUntilReady(): Promise<unknown>;
  close(force?: boolean): Promise<void>;
  readonly lockManager?: { close(): Promise<void> };
}

/** Outcome of handing an event to a store. */
export interface AddResult {
  readonly outcome: 'added' | 'duplicate' | 'dead';
  /** The trace context that BullMQ's instrumentation put into the job. */
  readonly metadata: string | undefined;
}

export type JobProcessor = (job: WebhookJob, token: string | undefined, signal: AbortSignal | undefined) => Promise<unknown>;

export interface WebhookStore {
  readonly name: 'redis' | 'postgres';
  /** The queue. Rejects while the store is away. */
  queue(): Promise<StoreQueue>;
  /**
   * Rejects within its time limit when the event was not, or perhaps not, stored. `dead`: it is
   * there as a dead letter.
   */
  add(jobId: string, data: WebhookJobData, options: object): Promise<AddResult>;
  /** Rejects while the store is away, where it needs it to begin. */
  createWorker(process: JobProcessor, options: object): Promise<StoreWorker>;
  /** Rejects when the store does not answer. */
  ping(): Promise<void>;
  /** Removes completed events beyond `retention`, where the store does not do so itself. */
  trim?(): Promise<void>;
  /** Whether the store ever held an event of this queue. */
  hasQueue(): Promise<boolean>;
  close(): Promise<void>;
}
