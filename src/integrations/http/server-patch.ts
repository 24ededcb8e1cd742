// Observes node:http's servers: `emit` of a server starts the request; `emit` of the request and of
// its response call their listeners in its context and report its end. So neither listeners nor
// methods are added to the app's objects. An event that the app does not listen to needs no context:
// of the ten of a plain request these are eight, and from Node.js 24 on entering and leaving a
// context makes two maps.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { runInContext } from '../../context/index.js';
import { isHeard } from '../../node/message-listeners.js';
import type { MethodPatches } from '../../observe/method-patches.js';
import type { Scheme } from './incoming-attributes.js';
import { type Emit, incomingOf } from './incoming-request.js';
import type { RequestTracer } from './request-tracer.js';

/** Makes the `emit` of servers. */
export function observeServer(original: Emit<unknown>, tracer: RequestTracer, scheme: Scheme, patches: MethodPatches): Emit<unknown> {
  return function emit(...args) {
    const [event, request, response] = args;
    if (event !== 'request' || !patches.isOn || !isRequest(request) || !isResponse(response)) return Reflect.apply(original, this, args);
    const incoming = tracer.start(request, response, scheme);
    try {
      return runInContext(incoming.context, Reflect.apply, original, this, args);
    } catch (error) {
      incoming.fail(error);
      throw error;
    }
  };
}

/** Makes the `emit` of requests, which is that of responses received too. */
export function observeRequest(original: Emit<IncomingMessage>): Emit<IncomingMessage> {
  return function emit(...args) {
    const incoming = incomingOf(this);
    return incoming !== undefined && isHeard(this, args[0])
      ? runInContext(incoming.context, Reflect.apply, original, this, args)
      : Reflect.apply(original, this, args);
  };
}

/** Makes the `emit` of responses given. */
export function observeResponse(original: Emit<ServerResponse>): Emit<ServerResponse> {
  return function emit(...args) {
    const incoming = incomingOf(this.req);
    if (incoming === undefined) return Reflect.apply(original, this, args);
    if (args[0] === 'close') incoming.close(this);
    else if (args[0] === 'error') incoming.fail(args[1]);
    return isHeard(this, args[0])
      ? runInContext(incoming.context, Reflect.apply, original, this, args)
      : Reflect.apply(original, this, args);
  };
}

function isRequest(value: unknown): value is IncomingMessage {
  return typeof value === 'object' && value !== null && 'headers' in value;
}

function isResponse(value: unknown): value is ServerResponse {
  return typeof value === 'object' && value !== null && 'setHeader' in value;
}
