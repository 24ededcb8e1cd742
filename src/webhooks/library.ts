// Entry point `@sietch/otel/queue`. Importing it loads no library and starts nothing.
export type { AvailabilityState } from './availability.js';
export { ClaimError, type ClaimResult, type ClaimStore, type Transaction } from './claims.js';
export type { DeadLetter, DeadLetterDetails, DeadLetterFilter } from './dead-letter.js';
export type { DeadLetters } from './dead-letters.js';
export type { AttemptNote } from './job-runner.js';
export type {
  ClaimedProcessingContext,
  ClaimedQueueOptions,
  PostgresConnectionOption,
  PostgresOption,
  ProcessingContext,
  ReceivedEvent,
  RedisConnectionOption,
  WebhookQueueOptions,
} from './options.js';
export type { DegradedMode, QueueEvent, UnsafeReason } from './queue-event.js';
export type { RunTimeSummary } from './run-times.js';
export type { FailureReason } from './store-failure.js';
export { UnrecoverableError, type WebhookErrorCode, WebhookQueueError } from './webhook-error.js';
export type { WebhookEvent } from './webhook-event.js';
export type { EnqueueResult } from './webhook-producer.js';
export { WebhookQueue, type WebhookQueueMetrics } from './webhook-queue.js';
