// Learns the route of a request from Hono's router, which is asked once for each request. The
// adapter for Node is not patched: the request is that of the active context.
import { checkMembers } from '../../observe/library-members.js';
import { MethodPatches } from '../../observe/method-patches.js';
import { preserveSignature } from '../../observe/preserve-signature.js';
import type { LoadedLibrary } from '../../sdk/hooks/loaded-library.js';
import { activeRequest } from './route.js';

interface Route {
  readonly path: string;
  readonly method: string;
  readonly handler: (...args: never[]) => unknown;
}
/** Handlers in the order in which they run, each with its route. */
type Matched = readonly [readonly (readonly [handler: readonly [unknown, Route], ...unknown[]])[], ...unknown[]];
interface Router {
  match(method: string, path: string): Matched;
}
interface HonoModule {
  Hono: new () => { readonly router: Router };
}

/** The method of middleware, and of what answers any method. */
const ANY_METHOD = 'ALL';
/** The name of the property that holds the handler which a sub-app's error handler wraps. */
const COMPOSED = /composed_?handler/i;

const patches = new MethodPatches();
const answering = new WeakMap<Route, boolean>();

export function patchHono({ name, version, exports }: LoadedLibrary): void {
  if (!checkMembers(name, version, exports, ['Hono']) || !isHonoModule(exports)) return;
  const router: Router | undefined = new exports.Hono().router;
  if (!checkMembers(name, version, { router }, ['router.match'])) return;
  // The class is not exported.
  patches.replace<Router, 'match'>(Object.getPrototypeOf(router), 'match', followFirstMatch);
}

/** The first match builds the router, and gives it a `match` of its own. */
function followFirstMatch(match: Router['match']): Router['match'] {
  return function (this: Router, method, path) {
    const matched = Reflect.apply(match, this, [method, path]);
    if (Object.hasOwn(this, 'match')) this.match = followMatch(this.match);
    learn(matched);
    return matched;
  };
}

function followMatch(match: Router['match']): Router['match'] {
  return preserveSignature(function (this: unknown, method: string, path: string) {
    const matched = Reflect.apply(match, this, [method, path]);
    learn(matched);
    return matched;
  }, match);
}

/**
 * The first handler that may answer. A request that an app makes to itself meanwhile does not
 * count.
 */
function learn([handlers]: Matched): void {
  const request = activeRequest();
  if (request === undefined || request.route !== undefined) return;
  let named: Route | undefined;
  for (const [[, route]] of handlers) {
    if (isAnswering(route)) {
      request.route = route.path;
      return;
    }
    if (route.method !== ANY_METHOD) named = route;
  }
  if (named !== undefined) request.route = named.path;
}

/** Hono's own test: middleware takes `next`. */
function isAnswering(route: Route): boolean {
  const known = answering.get(route);
  if (known !== undefined) return known;
  const isAnswer = targetOf(route.handler).length < 2;
  answering.set(route, isAnswer);
  return isAnswer;
}

function targetOf(handler: Route['handler']): Route['handler'] {
  const key = Reflect.ownKeys(handler).find((each) => COMPOSED.test(String(each)));
  const inner: unknown = key === undefined ? undefined : Reflect.get(handler, key);
  return isHandler(inner) ? targetOf(inner) : handler;
}

function isHandler(value: unknown): value is Route['handler'] {
  return typeof value === 'function';
}

function isHonoModule(value: unknown): value is HonoModule {
  return typeof value === 'object' && value !== null && 'Hono' in value;
}
