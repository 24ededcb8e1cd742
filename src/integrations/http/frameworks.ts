// The web frameworks of which methods are replaced when they are loaded, to learn the route of a
// request and what handles it.
import { type LoadedLibrary, onLibraryLoaded } from '../../sdk/hooks/loaded-library.js';
import type { Library } from '../../sdk/hooks/supported-versions.js';

interface Framework {
  readonly library: Library;
  /** The file of the package that has the method; default is the main one. */
  readonly file?: string;
  patch(library: LoadedLibrary, handlerSpans: boolean): void;
}

const koaRouter = (library: Library): Framework => ({
  library,
  patch(loaded) {
    const { patchKoaRouter }: typeof import('./koa-route.js') = require('./koa-route.js');
    patchKoaRouter(loaded);
  },
});

const frameworks: readonly Framework[] = [
  koaRouter('@koa/router'),
  koaRouter('koa-router'),
  {
    library: '@hapi/hapi',
    file: 'lib/request.js',
    patch(loaded) {
      const { patchHapi }: typeof import('./hapi-route.js') = require('./hapi-route.js');
      patchHapi(loaded);
    },
  },
  {
    library: 'hono',
    patch(loaded) {
      const { patchHono }: typeof import('./hono-route.js') = require('./hono-route.js');
      patchHono(loaded);
    },
  },
  {
    library: '@nestjs/core',
    file: 'router/router-execution-context.js',
    patch(loaded, handlerSpans) {
      const { patchNest }: typeof import('./nest-handler.js') = require('./nest-handler.js');
      patchNest(loaded, handlerSpans);
    },
  },
];

/** The packages to be hooked. */
export const frameworkModules: readonly string[] = frameworks.map(({ library }) => library);

/** @param handlerSpans whether handlers get spans of their own */
export function watchFrameworks(handlerSpans: boolean): void {
  for (const { library, file, patch } of frameworks) onLibraryLoaded(library, file, (loaded) => patch(loaded, handlerSpans));
}
