// Observes node:http's servers: `emit` of a server starts the request; `emit` of the request and of its response call their listeners in its context and
// tell of its end. So neither listeners nor methods are added to the app's objects.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { runInContext } from '../../context/index.js';
import { preserveSignature } from '../../observe/preserve-signature.js';
import type { Scheme } from './incoming-attributes.js';
import { incomingOf } from './incoming-request.js';
import type { RequestTracer } from './request-tracer.js';

type Emit<This> = (this: This, ...args: [event: string | symbol, ...unknown[]]) => unknown;
export interface Emitting<This = unknown> {
  emit: Emit<This>;
}

/** Patches a prototype of servers; returns what takes the patch off, as the others here do. */
export function patchServer(prototype: Emitting, tracer: RequestTracer, scheme: Scheme): () => void {
  const original = prototype.emit;
  return replaceEmit(prototype, function emit(...args) {
    const [event, request, response] = args;
    if (event !== 'request' || !isRequest(request) || !isResponse(response)) return Reflect.apply(original, this, args);
    const incoming = tracer.start(request, response, scheme);
    try {
      return runInContext(incoming.context, Reflect.apply, original, this, args);
    } catch (error) {
      incoming.fail(error);
      throw error;
    }
  });
}

/** Patches the prototype of requests, which is that of responses received too. */
export function patchRequest(prototype: Emitting<IncomingMessage>): () => void {
  const original = prototype.emit;
  return replaceEmit(prototype, function emit(...args) {
    const incoming = incomingOf(this);
    return incoming === undefined
      ? Reflect.apply(original, this, args)
      : runInContext(incoming.context, Reflect.apply, original, this, args);
  });
}

/** Patches the prototype of responses given. */
export function patchResponse(prototype: Emitting<ServerResponse>): () => void {
  const original = prototype.emit;
  return replaceEmit(prototype, function emit(...args) {
    const incoming = incomingOf(this.req);
    if (incoming === undefined) return Reflect.apply(original, this, args);
    if (args[0] === 'close') incoming.close(this);
    else if (args[0] === 'error') incoming.fail(args[1]);
    return runInContext(incoming.context, Reflect.apply, original, this, args);
  });
}

/** Enumerable, as the inherited one is. */
function replaceEmit<This>(prototype: Emitting<This>, replacement: Emit<This>): () => void {
  const own = Object.getOwnPropertyDescriptor(prototype, 'emit');
  const value = preserveSignature(replacement, prototype.emit);
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
