// Library door of @sietch/otel/queue. Importing it loads no library and starts nothing.
export type { AvailabilityState } from './webhooks/availability.js';
export { ClaimError, type ClaimResult, type ClaimStore, type Transaction } from './webhooks/claims.js';
export type { DeadLetter, DeadLetterDetails, DeadLetterFilter } from './webhooks/dead-letter.js';
export type { DeadLetters } from './webhooks/dead-letters.js';
export type { UnsafeReason } from './webhooks/durability.js';
export type { AttemptNote } from './webhooks/job-runner.js';
export type {
  ClaimedProcessingContext,
  ClaimedQueueOptions,
  PostgresConnectionOption,
  PostgresOption,
  ProcessingContext,
  ReceivedEvent,
  RedisConnectionOption,
  WebhookQueueOptions,
} from './webhooks/options.js';
export type { DegradedMode, QueueEvent } from './webhooks/queue-event.js';
export type { RunTimeSummary } from './webhooks/run-times.js';
export type { FailureReason } from './webhooks/store-failure.js';
export { UnrecoverableError, type WebhookErrorCode, WebhookQueueError } from './webhooks/webhook-error.js';
export type { WebhookEvent } from './webhooks/webhook-event.js';
export type { EnqueueResult } from './webhooks/webhook-producer.js';
export { WebhookQueue, type WebhookQueueMetrics } from './webhooks/webhook-queue.js';
