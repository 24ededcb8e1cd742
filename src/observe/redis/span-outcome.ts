// The outcome of a command, on its span.
import { type Span, SpanStatusCode, type TimeInput } from '@opentelemetry/api';
import {
  ATTR_DB_NAMESPACE,
  ATTR_DB_RESPONSE_STATUS_CODE,
  ATTR_ERROR_TYPE,
  ATTR_EXCEPTION_MESSAGE,
  ATTR_EXCEPTION_TYPE,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
} from '@opentelemetry/semantic-conventions';
import type { Server } from './command-target.js';
import type { RedisError } from './error-type.js';
import { ATTR_FAILED_COMMANDS } from './names.js';

/** The error's class; its message may quote keys, values, or the text of a script's error. */
export function markFailed(span: Span, problem: RedisError, time: TimeInput): void {
  span.setAttribute(ATTR_ERROR_TYPE, problem.type);
  if (problem.statusCode !== undefined) span.setAttribute(ATTR_DB_RESPONSE_STATUS_CODE, problem.statusCode);
  span.addEvent('exception', { [ATTR_EXCEPTION_TYPE]: problem.className, [ATTR_EXCEPTION_MESSAGE]: problem.type }, time);
  span.setStatus({ code: SpanStatusCode.ERROR, message: problem.type });
}

/** EXEC succeeds also when commands of the transaction failed. */
export function markFailedCommands(span: Span, reply: unknown): void {
  if (!Array.isArray(reply)) return;
  let failed = 0;
  for (const result of reply) if (result instanceof Error) failed++;
  if (failed > 0) span.setAttribute(ATTR_FAILED_COMMANDS, failed);
}

/**
 * A cluster has chosen the node, a Sentinel named the server, or SELECT changed the database after
 * the span had started.
 */
export function markNode(span: Span, node: Server): void {
  span.setAttribute(ATTR_DB_NAMESPACE, node.namespace);
  if (node.address !== undefined) span.setAttribute(ATTR_SERVER_ADDRESS, node.address);
  if (node.port !== undefined) span.setAttribute(ATTR_SERVER_PORT, node.port);
}
