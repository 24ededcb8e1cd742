// The errors of WebhookQueue. Each has a code to branch on and the HTTP status a webhook endpoint
// should answer with.

/** Why `enqueue` or a dead-letter call failed. */
export type WebhookErrorCode =
  /**
   * No store took the event and nothing was left behind: answer 503, the provider delivers again.
   */
  | 'WEBHOOK_UNAVAILABLE'
  /** Redis did not say whether it took the event: answer 503; the redelivery finds out. */
  | 'WEBHOOK_AMBIGUOUS'
  /** Direct processing is at its concurrency limit. */
  | 'WEBHOOK_DIRECT_BUSY'
  /** Direct processing failed; the processor's error is the `cause`. */
  | 'WEBHOOK_DIRECT_FAILED'
  /** Direct processing took too long; it may still end. */
  | 'WEBHOOK_DIRECT_TIMEOUT'
  /** Another process is at work on the same event. */
  | 'WEBHOOK_CLAIM_BUSY'
  /** The payload is larger than `maxPayloadBytes`. */
  | 'WEBHOOK_PAYLOAD_TOO_LARGE'
  /** The payload cannot be written as JSON. */
  | 'WEBHOOK_PAYLOAD_NOT_SERIALIZABLE'
  /** The id or type of the event holds NUL or an unpaired surrogate. */
  | 'WEBHOOK_TEXT_NOT_STORABLE'
  /** The processor, or an ORM in it, tried to begin or end the transaction it was given. */
  | 'WEBHOOK_TRANSACTION_CONTROL'
  /** The processor used its transaction after its attempt. */
  | 'WEBHOOK_TRANSACTION_ENDED'
  /** The processor left a query, a cursor or a stream that does not end. */
  | 'WEBHOOK_TRANSACTION_BUSY'
  /** `close()` was called. */
  | 'WEBHOOK_QUEUE_CLOSED'
  /** There is no such dead letter. */
  | 'WEBHOOK_DEAD_LETTER_NOT_FOUND'
  /** A package that is needed is not installed. */
  | 'WEBHOOK_PEER_MISSING';

const STATUS: Readonly<Partial<Record<WebhookErrorCode, number>>> = {
  WEBHOOK_PAYLOAD_TOO_LARGE: 413,
  WEBHOOK_PAYLOAD_NOT_SERIALIZABLE: 400,
  WEBHOOK_TEXT_NOT_STORABLE: 400,
  WEBHOOK_DEAD_LETTER_NOT_FOUND: 404,
  WEBHOOK_PEER_MISSING: 500,
};

export class WebhookQueueError extends Error {
  override readonly name = 'WebhookQueueError';
  readonly code: WebhookErrorCode;
  /** 503 where the provider should deliver again. */
  readonly httpStatus: number;

  constructor(code: WebhookErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.httpStatus = STATUS[code] ?? 503;
  }
}

/**
 * Thrown by a processor: no retry will help, the event goes to the dead letters at once. BullMQ
 * knows it by its name.
 */
export class UnrecoverableError extends Error {
  override readonly name = 'UnrecoverableError';
}

/**
 * The processor ended its transaction in a way that was not seen beforehand. A part of its work is
 * done; once more would do that part twice.
 */
export class TransactionEndedError extends UnrecoverableError {
  readonly code: WebhookErrorCode = 'WEBHOOK_TRANSACTION_CONTROL';

  constructor(options?: ErrorOptions) {
    super('The processor ended the transaction it was given; a part of its work may be done', options);
  }
}
