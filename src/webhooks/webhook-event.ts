// A webhook event and the job it becomes. The job's id is made from the event's id, so that a store
// holds an event once.
import { createHash } from 'node:crypto';
import { TraceContext } from '../context/trace-context.js';
import { getTraceHeaders } from '../context/trace-headers.js';
import type { Postponements } from './postponement.js';
import { hasUnstorableEscape, isStorable } from './storable-text.js';
import { WebhookQueueError } from './webhook-error.js';

/** A webhook as its provider delivers it. */
export interface WebhookEvent<Payload = unknown> {
  /** The provider's id of the event: the same for each redelivery. 1 to 1000 characters. */
  readonly id: string;
  /** Type of the event, e.g. `transaction.completed`. 1 to 200 characters. */
  readonly type: string;
  /** Must be JSON. */
  readonly payload: Payload;
}

/** A job's data in the stores. */
export interface WebhookJobData<Payload = unknown> extends Omit<WebhookEvent<Payload>, 'payload'> {
  readonly payload?: Payload;
  /**
   * The payload as JSON text, where PostgreSQL would refuse it as JSON: `jsonb` takes neither NUL
   * nor unpaired surrogates.
   */
  readonly payloadText?: string;
  /** When `enqueue` was called, ms since 1970. */
  readonly receivedAt: number;
  /** Trace of the request that enqueued it, where there was one. */
  readonly traceId?: string;
  /** Trace headers of that request. */
  readonly trace: Readonly<Record<string, string>>;
  /** Set by a replay: the trace context that its run starts from, and how often it was replayed. */
  readonly replay?: { readonly metadata?: string; readonly count: number };
  /** Set where the claim store could not serve an attempt. */
  readonly postponed?: Postponements;
}

const PLAIN_ID = /^[\w.-]{1,128}$/;

/**
 * BullMQ's job id for an event. BullMQ allows no colons and no integers, so ids get a letter before
 * them; others than plain ones are hashed. Two events never share an id.
 */
export function jobIdOf(eventId: string): string {
  if (PLAIN_ID.test(eventId)) return `e-${eventId}`;
  // UTF-8 has one replacement for all unpaired surrogates.
  const encoding = isStorable(eventId) ? 'utf8' : 'utf16le';
  return `h-${createHash('sha256').update(eventId, encoding).digest('hex')}`;
}

/** The payload as it was given, less what JSON does not keep. */
export function payloadOf(data: WebhookJobData): unknown {
  return data.payloadText === undefined ? data.payload : JSON.parse(data.payloadText);
}

/**
 * Checks an event and makes the job's data of it.
 * @throws {TypeError} for an event that is none.
 * @throws {WebhookQueueError} WEBHOOK_PAYLOAD_TOO_LARGE, WEBHOOK_PAYLOAD_NOT_SERIALIZABLE,
 * WEBHOOK_TEXT_NOT_STORABLE.
 */
export function readEvent<Payload>(event: WebhookEvent<Payload>, maxPayloadBytes: number): WebhookJobData<Payload> {
  if (typeof event !== 'object' || event === null)
    throw new TypeError(`Expected an event to be an object, got \`${String(event)}\` (${typeof event})`);
  checkText('id', event.id, 1000);
  checkText('type', event.type, 200);
  const text = serialize(event.payload);
  const bytes = Buffer.byteLength(text);
  if (bytes > maxPayloadBytes) {
    throw new WebhookQueueError(
      'WEBHOOK_PAYLOAD_TOO_LARGE',
      `Expected \`payload\` to have at most ${maxPayloadBytes} bytes as JSON, got ${bytes}`,
    );
  }
  const { traceId } = TraceContext.current();
  const payload = hasUnstorableEscape(text) ? { payloadText: text } : { payload: event.payload };
  const data = { id: event.id, type: event.type, ...payload, receivedAt: Date.now(), trace: getTraceHeaders() };
  return traceId === undefined ? data : { ...data, traceId };
}

function checkText(name: string, value: unknown, maxLength: number): void {
  if (typeof value === 'string' && value.length > 0 && value.length <= maxLength) {
    if (isStorable(value)) return;
    throw new WebhookQueueError(
      'WEBHOOK_TEXT_NOT_STORABLE',
      `Expected \`${name}\` of an event to hold no NUL and no unpaired surrogates, got one`,
    );
  }
  const got = typeof value === 'string' ? `${value.length} characters` : `\`${String(value)}\` (${typeof value})`;
  throw new TypeError(`Expected \`${name}\` of an event to be a string of 1 to ${maxLength} characters, got ${got}`);
}

function serialize(payload: unknown): string {
  let text: string | undefined;
  let cause: unknown;
  try {
    text = JSON.stringify(payload);
  } catch (error) {
    cause = error;
  }
  if (text !== undefined) return text;
  const got = cause instanceof Error ? cause.name : typeof payload;
  throw new WebhookQueueError('WEBHOOK_PAYLOAD_NOT_SERIALIZABLE', `Expected \`payload\` to be JSON, got ${got}`, { cause });
}
