// The outcome of an incoming request, in the terms of the semantic conventions for HTTP: the status
// code only if one was sent, and `error.type` for a status of 500 and above, and for a response
// that was cut off because the client or the connection is gone.
import type { ServerResponse } from 'node:http';

export interface ResponseOutcome {
  readonly statusCode: number | undefined;
  readonly errorType: string | undefined;
}

/** The error code of Node for a request whose response was cut off. */
const CUT_OFF = 'ECONNRESET';

/** The outcome; call it when the response closes. */
export function outcomeOf(response: ServerResponse): ResponseOutcome {
  const { statusCode } = response;
  if (!isCutOff(response)) return { statusCode, errorType: statusCode >= 100 && statusCode < 500 ? undefined : String(statusCode) };
  return { statusCode: response.headersSent ? statusCode : undefined, errorType: CUT_OFF };
}

/**
 * Whether the response was cut off. A stream of events never is: its client ends it by closing the
 * connection.
 */
function isCutOff(response: ServerResponse): boolean {
  return response.writableFinished === false && !(response.headersSent && isEventStream(response));
}

function isEventStream(response: ServerResponse): boolean {
  return String(response.getHeader('content-type') ?? '').startsWith('text/event-stream');
}
