// The route of a request (`/orders/:id`), which frameworks know and which is read when the response
// ends. It can be set wherever the request is at hand, also where a library lost the context.
import type { IncomingMessage } from 'node:http';
import { incomingOf } from './incoming-request.js';

export function routeOf(request: IncomingMessage): string | undefined {
  return incomingOf(request)?.route;
}

export function setRoute(request: IncomingMessage, route: string | undefined): void {
  const incoming = incomingOf(request);
  if (incoming === undefined) return;
  if (route === undefined) delete incoming.route;
  else incoming.route = route;
}
