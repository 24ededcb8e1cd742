// Sets the trace id on the response, so that the caller can quote it.
import type { ServerResponse } from 'node:http';
import { contextConfiguration } from './configuration.js';

const EXPOSE = 'access-control-expose-headers';

/** Called before the app sees the response: what the app sets later replaces it. */
export function respondTraceId(response: ServerResponse, traceId: string): void {
  const { header, respond, expose } = contextConfiguration();
  if (header === undefined || !respond || response.headersSent || response.hasHeader(header)) return;
  response.setHeader(header, traceId);
  if (expose && !response.hasHeader(EXPOSE)) response.setHeader(EXPOSE, header);
}
