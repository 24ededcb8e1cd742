// The http integration: incoming requests with their route, outgoing ones with the trace headers.
import type { Instrumentation } from '@opentelemetry/instrumentation';
import type { SettingsOf } from '../../config/setting.js';
import { DeferredInstrumentation } from '../../sdk/hooks/deferred-instrumentation.js';
import { watchVersions } from '../../sdk/hooks/observed-copies.js';
import { defineIntegration } from '../integration.js';
import { capturableHeaders } from './captured-headers.js';
import { clientHooks, undiciHooks } from './client.js';
import { followRoutes, watchFastify } from './fastify-route.js';
import { readFetchErrors } from './fetch-errors.js';
import { frameworkModules, watchFrameworks } from './frameworks.js';
import { httpNames } from './names.js';
import { httpSettings } from './settings.js';
import { SietchUndiciInstrumentation } from './undici-instrumentation.js';

export const httpIntegration = defineIntegration({
  name: 'http',
  modules: ['http', 'https', 'express', ...frameworkModules],
  settings: httpSettings,
  emits: httpNames,
  start({ settings }) {
    const registerSpans = settings.middlewareSpans ? loadMiddlewareSpans().createFastifyRegistration() : undefined;
    // They announce themselves on diagnostics channels, which no hook is needed for.
    watchVersions(['fastify', 'undici']);
    const stopWatching = watchFastify((fastify) => {
      followRoutes(fastify);
      registerSpans?.(fastify);
    });
    watchFrameworks(settings.middlewareSpans);
    return {
      instrumentations: [
        ...createHttp(settings),
        new DeferredInstrumentation('express', ['express'], () => {
          const { ExpressRouteInstrumentation }: typeof import('./express-route.js') = require('./express-route.js');
          return new ExpressRouteInstrumentation();
        }),
        ...(settings.middlewareSpans ? [loadMiddlewareSpans().createExpressSpans()] : []),
      ],
      shutdown: async () => stopWatching(),
    };
  },
});

function loadMiddlewareSpans(): typeof import('./middleware-spans.js') {
  return require('./middleware-spans.js');
}

function createHttp(settings: SettingsOf<typeof httpSettings>): Instrumentation[] {
  const captured = (key: 'clientRequestHeaders' | 'clientResponseHeaders') => capturableHeaders(settings[key], httpSettings[key].env);
  const client = { requestHeaders: captured('clientRequestHeaders'), responseHeaders: captured('clientResponseHeaders') };
  readFetchErrors();
  return [
    new DeferredInstrumentation('http', ['http', 'https'], () => {
      const { SietchHttpInstrumentation }: typeof import('./http-instrumentation.js') = require('./http-instrumentation.js');
      return new SietchHttpInstrumentation({ ...clientHooks(settings), headersToSpanAttributes: { client } }, settings);
    }),
    new SietchUndiciInstrumentation({ ...undiciHooks(settings), headersToSpanAttributes: client }),
  ];
}
