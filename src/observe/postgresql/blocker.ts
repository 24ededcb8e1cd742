// The session that blocks a query, as reported in the span event, in the log record and to the app.
import type { Attributes } from '@opentelemetry/api';
import * as names from './names.js';

/** A session that holds up a query. */
export interface Blocker {
  /** Process id of its backend; 0 for a prepared transaction. */
  readonly pid: number;
  /** From the comment in its last statement, when that is seen and has one. */
  readonly traceId: string | undefined;
  readonly spanId: string | undefined;
  /** `active`, `idle in transaction` … */
  readonly state: string | undefined;
  /** Age of its transaction. */
  readonly sinceMs: number | undefined;
  /** Its last statement, sanitised. */
  readonly text: string | undefined;
}

/** For the span event and the log record. */
export function blockerAttributes(blocker: Blocker): Attributes {
  const attributes: Attributes = { [names.ATTR_BLOCKER_PID]: blocker.pid };
  if (blocker.traceId !== undefined) attributes[names.ATTR_BLOCKER_TRACE_ID] = blocker.traceId;
  if (blocker.state !== undefined) attributes[names.ATTR_BLOCKER_STATE] = blocker.state;
  if (blocker.sinceMs !== undefined) attributes[names.ATTR_BLOCKER_SINCE] = blocker.sinceMs;
  if (blocker.text !== undefined) attributes[names.ATTR_BLOCKER_QUERY] = blocker.text;
  return attributes;
}
