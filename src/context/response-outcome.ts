// How an incoming request ended, in the terms of the semantic conventions for HTTP: the status code only if one was sent, and `error.type` for a status
// of 500 and above, and for a response that was cut off because the client or the connection is gone.
import type { ServerResponse } from 'node:http';

export interface ResponseOutcome {
  readonly statusCode: number | undefined;
  readonly errorType: string | undefined;
}

/** Node's own code for it: the request of such a response fails with it. */
const CUT_OFF = 'ECONNRESET';

/** To be asked when the response closes. */
export function outcomeOf(response: ServerResponse): ResponseOutcome {
  const { statusCode } = response;
  if (!isCutOff(response)) return { statusCode, errorType: statusCode >= 100 && statusCode < 500 ? undefined : String(statusCode) };
  return { statusCode: response.headersSent ? statusCode : undefined, errorType: CUT_OFF };
}

/** Not so for a stream of events: its client ends it by going away. */
function isCutOff(response: ServerResponse): boolean {
  return response.writableFinished === false && !(response.headersSent && isEventStream(response));
}

function isEventStream(response: ServerResponse): boolean {
  return String(response.getHeader('content-type') ?? '').startsWith('text/event-stream');
}
