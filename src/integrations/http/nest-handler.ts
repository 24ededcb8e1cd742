// The controller and handler of NestJS that answer a request, as attributes of its span; on request
// a span for each handler, with its guards, pipes and interceptors. Upstream's instrumentation puts
// another function in the place of the handler, which guards and interceptors then see.
import type { IncomingMessage } from 'node:http';
import { context, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api';
import { ATTR_CODE_FUNCTION_NAME, ATTR_ERROR_TYPE } from '@opentelemetry/semantic-conventions';
import { checkMembers } from '../../observe/library-members.js';
import { MethodPatches } from '../../observe/method-patches.js';
import { observePromise } from '../../observe/observe-promise.js';
import { preserveSignature } from '../../observe/preserve-signature.js';
import type { LoadedLibrary } from '../../sdk/hooks/loaded-library.js';
import { DISTRO_VERSION } from '../../sdk/version.js';
import { incomingOf } from './incoming-request.js';
import { ATTR_NEST_CALLBACK, ATTR_NEST_CONTROLLER, ATTR_NEST_TYPE } from './names.js';

type Handler = (this: unknown, ...args: unknown[]) => unknown;
/** Makes what adapters call for a request, once for each handler; for each request in its scope. */
type Create = (this: unknown, ...args: [instance: object, callback: Handler, name: unknown, ...unknown[]]) => Handler;
interface ExecutionContext {
  create: Create;
}

const patches = new MethodPatches();

/** Gets what router/router-execution-context.js exports. */
export function patchNest({ name, version, exports }: LoadedLibrary, withSpans: boolean): void {
  if (!checkMembers(name, version, exports, ['RouterExecutionContext.prototype.create']) || !isModule(exports)) return;
  const tracer = withSpans ? trace.getTracer('@sietch/otel/nestjs-core', DISTRO_VERSION) : undefined;
  patches.replace(exports.RouterExecutionContext.prototype, 'create', (create) => nameHandlers(create, tracer));
}

function nameHandlers(create: Create, tracer: Tracer | undefined): Create {
  return function (...args) {
    const [instance, , method] = args;
    const handler = Reflect.apply(create, this, args);
    const controller = instance.constructor?.name || 'UnnamedInstance';
    const callback = String(method);
    const name = `${controller}.${callback}`;
    const attributes = {
      [ATTR_CODE_FUNCTION_NAME]: name,
      [ATTR_NEST_TYPE]: 'request_context',
      [ATTR_NEST_CONTROLLER]: controller,
      [ATTR_NEST_CALLBACK]: callback,
    };
    const named: Handler = function (...handlerArgs) {
      const [request] = handlerArgs;
      incomingOf(rawRequest(request))?.span.setAttribute(ATTR_CODE_FUNCTION_NAME, name);
      if (tracer === undefined) return Reflect.apply(handler, this, handlerArgs);
      const span = tracer.startSpan(name, { attributes });
      const onSettled = (failed: boolean, error: unknown) => {
        if (failed)
          span.setAttribute(ATTR_ERROR_TYPE, error instanceof Error ? error.name : '_OTHER').setStatus({ code: SpanStatusCode.ERROR });
        span.end();
      };
      return observePromise({ onSettled }, trace.setSpan(context.active(), span), Reflect.apply, handler, this, handlerArgs);
    };
    return preserveSignature(named, handler);
  };
}

/** Fastify's request holds that of Node. */
function rawRequest(request: unknown): IncomingMessage | undefined {
  if (typeof request !== 'object' || request === null) return undefined;
  if ('raw' in request && isMessage(request.raw)) return request.raw;
  return isMessage(request) ? request : undefined;
}

function isMessage(value: unknown): value is IncomingMessage {
  return typeof value === 'object' && value !== null && 'headers' in value;
}

function isModule(value: unknown): value is { readonly RouterExecutionContext: { readonly prototype: ExecutionContext } } {
  return typeof value === 'object' && value !== null && 'RouterExecutionContext' in value;
}
