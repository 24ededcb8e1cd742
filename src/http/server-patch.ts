// Observes node:http's servers: `emit` of a server starts the request; `emit` of the request and of its response call their listeners in its context and
// tell of its end. So neither listeners nor methods are added to the app's objects.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { activeContext, runInContext } from '../context/index.js';
import { lookAlike } from '../sdk/lookalike.js';
import type { Scheme } from './incoming-attributes.js';
import { incomingOf } from './incoming-request.js';
import type { RequestTracer } from './request-tracer.js';

type Emit<This> = (this: This, event: string | symbol, ...args: unknown[]) => unknown;
export interface Emitting<This = unknown> {
  emit: Emit<This>;
}

/** Patches a prototype of servers; returns what takes the patch off, as the others here do. */
export function patchServer(prototype: Emitting, tracer: RequestTracer, scheme: Scheme): () => void {
  const original = prototype.emit;
  return replaceEmit(prototype, function emit(event, ...args) {
    const [request, response] = args;
    if (event !== 'request' || !isRequest(request) || !isResponse(response)) return Reflect.apply(original, this, [event, ...args]);
    const incoming = tracer.start(request, response, scheme);
    try {
      return runInContext(incoming.context, callEmit, original, this, event, args);
    } catch (error) {
      incoming.fail(error);
      throw error;
    }
  });
}

/** Patches the prototype of requests, which is that of responses received too. */
export function patchRequest(prototype: Emitting<IncomingMessage>): () => void {
  const original = prototype.emit;
  return replaceEmit(prototype, function emit(event, ...args) {
    const incoming = incomingOf(this);
    if (incoming === undefined || activeContext() === incoming.context) return Reflect.apply(original, this, [event, ...args]);
    return runInContext(incoming.context, callEmit, original, this, event, args);
  });
}

/** Patches the prototype of responses given. */
export function patchResponse(prototype: Emitting<ServerResponse>): () => void {
  const original = prototype.emit;
  return replaceEmit(prototype, function emit(event, ...args) {
    const incoming = isRequest(this.req) ? incomingOf(this.req) : undefined;
    if (incoming === undefined) return Reflect.apply(original, this, [event, ...args]);
    if (event === 'close') incoming.close(this);
    else if (event === 'error') incoming.fail(args[0]);
    if (activeContext() === incoming.context) return Reflect.apply(original, this, [event, ...args]);
    return runInContext(incoming.context, callEmit, original, this, event, args);
  });
}

function callEmit<This>(original: Emit<This>, emitter: This, event: string | symbol, args: unknown[]): unknown {
  return Reflect.apply(original, emitter, [event, ...args]);
}

/** Enumerable, as the inherited one is. */
function replaceEmit<This>(prototype: Emitting<This>, replacement: Emit<This>): () => void {
  const own = Object.getOwnPropertyDescriptor(prototype, 'emit');
  const value = lookAlike(replacement, prototype.emit);
  Object.defineProperty(prototype, 'emit', { value, configurable: true, enumerable: true, writable: true });
  return () => {
    // Whoever has wrapped it since keeps it.
    if (prototype.emit !== value) return;
    if (own === undefined) Reflect.deleteProperty(prototype, 'emit');
    else Object.defineProperty(prototype, 'emit', own);
  };
}

function isRequest(value: unknown): value is IncomingMessage {
  return typeof value === 'object' && value !== null && 'headers' in value;
}

function isResponse(value: unknown): value is ServerResponse {
  return typeof value === 'object' && value !== null && 'setHeader' in value;
}
