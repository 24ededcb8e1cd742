// The route of a request (`/orders/:id`), which frameworks know and the http instrumentation asks for when the response ends.
import type { IncomingMessage } from 'node:http';
import { context } from '@opentelemetry/api';
import { getRPCMetadata, type RPCMetadata } from '@opentelemetry/core';

const RPC_METADATA = Symbol('sietch rpc metadata');
type TracedRequest = IncomingMessage & { [RPC_METADATA]?: RPCMetadata };

/** Called in the request's context; from then on its route can be set wherever the request is at hand, also where a library lost the context. */
export function rememberRequest(request: TracedRequest): void {
  const metadata = getRPCMetadata(context.active());
  if (metadata !== undefined) request[RPC_METADATA] = metadata;
}

export function routeOf(request: TracedRequest): string | undefined {
  return request[RPC_METADATA]?.route;
}

export function setRoute(request: TracedRequest, route: string | undefined): void {
  const metadata = request[RPC_METADATA];
  if (metadata === undefined) return;
  if (route === undefined) delete metadata.route;
  else metadata.route = route;
}
