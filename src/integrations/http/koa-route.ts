// Learns the route of a request from @koa/router and koa-router: the path of the layer that is
// running, with the prefixes of the routers around it. Neither Koa nor the app's middleware is
// patched, and nothing is made for a request.
import type { IncomingMessage } from 'node:http';
import { checkMembers } from '../../observe/library-members.js';
import { MethodPatches } from '../../observe/method-patches.js';
import type { LoadedLibrary } from '../../sdk/hooks/loaded-library.js';
import { incomingOf } from './incoming-request.js';
import { activeRequest, joinPaths, withoutTrailingSlash } from './route.js';

/** A route, or a middleware of the router, which has no methods. */
interface Layer {
  readonly path: unknown;
  readonly methods: readonly string[];
  captures(...args: unknown[]): unknown;
}
interface Matched {
  /** Whether a route is among the layers. */
  readonly route: boolean;
  /** In the order in which they run. */
  readonly pathAndMethod: readonly Layer[];
}
type Middleware = (this: unknown, ...args: unknown[]) => unknown;
interface Router {
  match(...args: unknown[]): Matched;
  routes(): Middleware;
  middleware(): Middleware;
  get(path: string, handler: () => void): unknown;
  readonly stack: readonly Layer[];
}
interface RouterClass {
  new (): Router;
  readonly prototype: Router;
}
interface KoaContext {
  readonly req: IncomingMessage;
  readonly path: string;
  readonly originalUrl: string;
  /** Left by koa-mount. */
  readonly mountPath?: unknown;
}

const patches = new MethodPatches();
const followed = new WeakSet<Middleware>();

export function patchKoaRouter({ name, version, exports }: LoadedLibrary): void {
  const router = routerOf(exports);
  if (!checkMembers(name, version, router, ['prototype.match', 'prototype.routes', 'prototype.middleware', 'prototype.get'])) return;
  if (!isRouterClass(router)) return;
  const layer = layerPrototype(router);
  if (!checkMembers(name, version, { Layer: { prototype: layer } }, ['Layer.prototype.captures'])) return;
  const { prototype } = router;
  patches.replace(prototype, 'match', expectRoute);
  patches.replace(layer, 'captures', followLayer);
  patches.replace(prototype, 'routes', followMount);
  patches.replace(prototype, 'middleware', followMount);
}

/** The first route that matches, which may yet be refused by a middleware of the router. */
function expectRoute(match: Router['match']): Router['match'] {
  return function (this: unknown, ...args) {
    const matched = Reflect.apply(match, this, args);
    const first = matched.route ? matched.pathAndMethod.find(isRoute) : undefined;
    if (first !== undefined) enter(first);
    return matched;
  };
}

/** Routers ask each layer for its captures when its turn has come. */
function followLayer(captures: Layer['captures']): Layer['captures'] {
  return function (this: Layer, ...args) {
    if (isRoute(this)) enter(this);
    return Reflect.apply(captures, this, args);
  };
}

function enter({ path }: Layer): void {
  const request = activeRequest();
  if (request === undefined) return;
  const { mountedAt = '' } = request;
  request.route = typeof path === 'string' ? withoutTrailingSlash(joinPaths(mountedAt, path)) : mountedAt + String(path);
}

/** Requests come to a router by the middleware that it makes. */
function followMount(create: () => Middleware): () => Middleware {
  return function (this: unknown) {
    const middleware = Reflect.apply(create, this, []);
    if (followed.has(middleware)) return middleware;
    const follower = new Proxy(middleware, {
      apply(target, self, args: unknown[]) {
        const [ctx] = args;
        if (isKoaContext(ctx)) setMount(ctx);
        return Reflect.apply(target, self, args);
      },
    });
    followed.add(follower);
    return follower;
  };
}

function setMount({ req, path, originalUrl, mountPath }: KoaContext): void {
  const request = incomingOf(req);
  if (request === undefined) return;
  // koa-mount takes its prefix off the path, and leaves `mountPath` when the request goes on.
  if (typeof mountPath === 'string' && originalUrl.startsWith(joinPaths(withoutTrailingSlash(mountPath), path))) {
    request.mountedAt = withoutTrailingSlash(mountPath);
  } else if (request.mountedAt !== undefined) delete request.mountedAt;
}

function routerOf(exports: unknown): unknown {
  return typeof exports === 'object' && exports !== null && 'default' in exports ? exports.default : exports;
}

/** The class of layers is not exported. */
function layerPrototype(Router: RouterClass): Layer | undefined {
  const router = new Router();
  router.get('/', () => {});
  const [layer] = router.stack;
  return layer === undefined ? undefined : Object.getPrototypeOf(layer);
}

function isRouterClass(value: unknown): value is RouterClass {
  return typeof value === 'function';
}

function isRoute({ methods }: Layer): boolean {
  return methods.length > 0;
}

function isKoaContext(value: unknown): value is KoaContext {
  return typeof value === 'object' && value !== null && 'req' in value && 'originalUrl' in value;
}
