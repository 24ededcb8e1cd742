// Learns the route of a request from Fastify, which announces each new instance on a diagnostics
// channel: nothing is patched. A hook, because Fastify's other channel speaks of handlers only: a
// request that is refused before has its route too.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { checkMembers, reportMissing } from '../../observe/library-members.js';
import { setRoute } from './route.js';

const CHANNEL = 'fastify.initialization';

/** Starts to watch for Fastify instances; the result ends it. */
export function watchFastify(onInstance: (fastify: FastifyInstance) => void): () => void {
  const onMessage = (message: unknown) => {
    if (isInitialization(message)) onInstance(message.fastify);
  };
  subscribe(CHANNEL, onMessage);
  return () => {
    unsubscribe(CHANNEL, onMessage);
  };
}

/** Sets the route of each request to `fastify`; none for requests that no route matches. */
export function followRoutes(fastify: FastifyInstance): void {
  if (checkMembers('fastify', fastify.version, fastify, ['addHook'])) fastify.addHook('onRequest', sietchOtelRoute);
}

/** Its name is shown in Fastify's `printRoutes({ includeHooks: true })`. */
function sietchOtelRoute(request: FastifyRequest, _reply: unknown, done: () => void): void {
  const routeOptions: { readonly url?: string | undefined } | undefined = request.routeOptions;
  if (routeOptions === undefined) reportMissing('fastify', request.server.version, ['request.routeOptions']);
  else if (routeOptions.url !== undefined) setRoute(request.raw, routeOptions.url);
  done();
}

function isInitialization(message: unknown): message is { fastify: FastifyInstance } {
  return typeof message === 'object' && message !== null && 'fastify' in message;
}
