// Learns the route of a request from hapi: the path of what its router has found.
import type { IncomingMessage } from 'node:http';
import { checkMembers } from '../../observe/library-members.js';
import { MethodPatches } from '../../observe/method-patches.js';
import type { LoadedLibrary } from '../../sdk/hooks/loaded-library.js';
import { setRoute } from './route.js';

interface HapiRequest {
  readonly raw: { readonly req: IncomingMessage };
  readonly route: { readonly method: string; readonly path: string };
  _lookup(): unknown;
}

/** The method of hapi's own routes, which answer 404, 400 and preflight requests. */
const SPECIAL = '_special';

const patches = new MethodPatches();

/** Gets what lib/request.js exports. */
export function patchHapi({ name, version, exports: Request }: LoadedLibrary): void {
  if (checkMembers(name, version, { Request }, ['Request.prototype._lookup']) && isRequestClass(Request)) {
    patches.replace(Request.prototype, '_lookup', followLookup);
  }
}

function followLookup(lookup: HapiRequest['_lookup']): HapiRequest['_lookup'] {
  return function (this: HapiRequest) {
    const result = Reflect.apply(lookup, this, []);
    const { method, path } = this.route;
    if (method !== SPECIAL) setRoute(this.raw.req, path);
    return result;
  };
}

function isRequestClass(value: unknown): value is { readonly prototype: HapiRequest } {
  return typeof value === 'function';
}
