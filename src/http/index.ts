// The http integration: incoming requests with their route, outgoing ones with the trace headers.
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import type { SettingsOf } from '../config/setting.js';
import { defineIntegration } from '../integration.js';
import { capturableHeaders } from './captured-headers.js';
import { clientHooks, undiciHooks } from './client.js';
import { ExpressRouteInstrumentation } from './express-route.js';
import { followRoutes, watchFastify } from './fastify-route.js';
import { SietchHttpInstrumentation } from './http-instrumentation.js';
import { createExpressSpans, createFastifyRegistration } from './middleware-spans.js';
import { httpNames } from './names.js';
import { httpSettings } from './settings.js';

export const httpIntegration = defineIntegration({
  name: 'http',
  modules: ['http', 'https', 'express'],
  settings: httpSettings,
  emits: httpNames,
  start({ settings }) {
    const registerSpans = settings.middlewareSpans ? createFastifyRegistration() : undefined;
    const stopWatching = watchFastify((fastify) => {
      followRoutes(fastify);
      registerSpans?.(fastify);
    });
    return {
      instrumentations: [
        ...createHttp(settings),
        new ExpressRouteInstrumentation(),
        ...(settings.middlewareSpans ? [createExpressSpans()] : []),
      ],
      shutdown: async () => stopWatching(),
    };
  },
});

function createHttp(settings: SettingsOf<typeof httpSettings>): Instrumentation[] {
  const captured = (key: 'clientRequestHeaders' | 'clientResponseHeaders') => capturableHeaders(settings[key], httpSettings[key].env);
  const client = { requestHeaders: captured('clientRequestHeaders'), responseHeaders: captured('clientResponseHeaders') };
  return [
    new SietchHttpInstrumentation({ ...clientHooks(settings), headersToSpanAttributes: { client } }, settings),
    new UndiciInstrumentation({ ...undiciHooks(settings), headersToSpanAttributes: client }),
  ];
}
