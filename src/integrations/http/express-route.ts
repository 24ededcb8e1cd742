// Learns the route of a request from Express 4 and 5: the paths of the routers it went through, as
// written in the code, and the path of the route that answers. Upstream's instrumentation learns it
// too, but makes a span for each layer; and when it makes none, it leaves the paths of routers that
// did not answer in the route.
import type { IncomingMessage } from 'node:http';
import { InstrumentationBase, InstrumentationNodeModuleDefinition } from '@opentelemetry/instrumentation';
import { checkMembers } from '../../observe/library-members.js';
import { preserveSignature } from '../../observe/preserve-signature.js';
import { supportedRange } from '../../sdk/hooks/supported-versions.js';
import { DISTRO_VERSION } from '../../sdk/version.js';
import { joinPaths, routeOf, setRoute, withoutTrailingSlash } from './route.js';

type Call = (...args: unknown[]) => unknown;
interface Layer {
  handle: Call;
}
interface Routing {
  use: Call;
}
/** The exports of Express that are patched. */
interface Express {
  Router: (Call & Routing) & { prototype?: Partial<Routing> };
  Route: { prototype: { dispatch: Call } };
}

const PATCHED = Symbol.for('@sietch/otel.express-route');
const MOUNTED_AT = Symbol('sietch express mount path');
type ExpressRequest = IncomingMessage & { [MOUNTED_AT]?: string };

export class ExpressRouteInstrumentation extends InstrumentationBase {
  constructor() {
    super('@sietch/otel/express-route', DISTRO_VERSION, {});
  }

  protected override init(): InstrumentationNodeModuleDefinition[] {
    const patch = (exports: Express & { default?: Express }, version?: string) => {
      const express = exports.default ?? exports;
      const use = hasUse(express.Router?.prototype) ? 'Router.prototype.use' : 'Router.use';
      if (checkMembers('express', version, express, ['Route.prototype.dispatch', use])) patchExpress(express);
      return exports;
    };
    return [new InstrumentationNodeModuleDefinition('express', [supportedRange('express')], patch)];
  }
}

function patchExpress({ Router, Route }: Express): void {
  if (Object.hasOwn(Route.prototype, PATCHED)) return;
  Object.defineProperty(Route.prototype, PATCHED, { value: true });
  const dispatch = Route.prototype.dispatch;
  Route.prototype.dispatch = preserveSignature(function (this: { path?: unknown }, ...args: unknown[]) {
    const [request] = args;
    if (isRequest(request)) setRoute(request, joinPaths(request[MOUNTED_AT] ?? '', pathText(this.path) ?? ''));
    return dispatch.apply(this, args);
  }, dispatch);
  // The router of Express 5 has a prototype, that of Express 4 is one.
  const routing = hasUse(Router.prototype) ? Router.prototype : Router;
  routing.use = followMounts(routing.use);
}

/**
 * `use(path, …handlers)`: requests that pass through the handlers are mounted at the path, until a
 * handler hands them back by `next()`.
 */
function followMounts(use: Call): Call {
  return preserveSignature(function (this: { stack: Layer[] }, ...args: unknown[]) {
    const before = this.stack.length;
    const result = use.apply(this, args);
    const path = pathText(args[0]);
    if (path !== undefined && path !== '/') {
      for (const layer of this.stack.slice(before)) layer.handle = mountAt(withoutTrailingSlash(path), layer.handle);
    }
    return result;
  }, use);
}

function mountAt(path: string, handle: Call): Call {
  // Express knows error handlers by their length. A proxy keeps that and all else that tools read
  // of a handler.
  if (handle.length > 3) return handle;
  return new Proxy(handle, {
    apply(target, self, args: unknown[]) {
      const [request, response, next] = args;
      if (!isRequest(request) || typeof next !== 'function') return Reflect.apply(target, self, args);
      const outside = request[MOUNTED_AT] ?? '';
      const routeOutside = routeOf(request);
      request[MOUNTED_AT] = joinPaths(outside, path);
      setRoute(request, request[MOUNTED_AT]);
      return Reflect.apply(target, self, [
        request,
        response,
        (...results: unknown[]) => {
          request[MOUNTED_AT] = outside;
          // An error keeps the route that it came from.
          if (results[0] === undefined) setRoute(request, routeOutside);
          return Reflect.apply(next, undefined, results);
        },
      ]);
    },
  });
}

/** A path as given to `use()` or a route: text, a pattern, or several. Undefined for a handler. */
function pathText(path: unknown): string | undefined {
  if (typeof path === 'string') return path;
  if (path instanceof RegExp) return String(path);
  if (!Array.isArray(path)) return undefined;
  const texts = path.map(pathText);
  return texts.includes(undefined) ? undefined : texts.join(',');
}

function hasUse(value: Partial<Routing> | undefined): value is Routing {
  return typeof value?.use === 'function';
}

function isRequest(value: unknown): value is ExpressRequest {
  return typeof value === 'object' && value !== null;
}
