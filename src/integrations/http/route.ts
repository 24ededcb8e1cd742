// The route of a request (`/orders/:id`), which frameworks know and which is read when the response
// ends. It can be set wherever the request is at hand, also where a library lost the context.
import type { IncomingMessage } from 'node:http';
import { context } from '@opentelemetry/api';
import { getRPCMetadata } from '@opentelemetry/core';
import { IncomingRequest, incomingOf } from './incoming-request.js';

export function routeOf(request: IncomingMessage): string | undefined {
  return incomingOf(request)?.route;
}

export function setRoute(request: IncomingMessage, route: string | undefined): void {
  const incoming = incomingOf(request);
  if (incoming === undefined) return;
  if (route === undefined) delete incoming.route;
  else incoming.route = route;
}

/** The request of the active context, for routers that are not given it. */
export function activeRequest(): IncomingRequest | undefined {
  const metadata = getRPCMetadata(context.active());
  return metadata instanceof IncomingRequest ? metadata : undefined;
}

/** The pattern of a route below the path that its router is mounted at (empty for none). */
export function joinPaths(mount: string, path: string): string {
  if (path === '/') return mount === '' ? '/' : mount;
  const joined = path.startsWith('/') ? mount + path : `${mount}/${path}`;
  return joined.includes('//') ? joined.replace(/\/{2,}/g, '/') : joined;
}

/** `/api` of `/api/`: routers take both for the same place. */
export function withoutTrailingSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}
