// `metricsHandler()`, which apps mount in a server of their own. The handler is registered
// globally, so that every copy of this package finds the one that was started.
import type { IncomingMessage, ServerResponse } from 'node:http';

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

const HANDLER = Symbol.for('@sietch/otel.metrics-handler');
const registry: typeof globalThis & { [HANDLER]?: RequestHandler } = globalThis;

/** Sets the handler that `metricsHandler()` calls. */
export function mountHandler(handler: RequestHandler): void {
  registry[HANDLER] = handler;
}

/**
 * A handler that answers with the metrics, to mount in the app's own server: `app.get('/metrics',
 * metricsHandler())`. It answers GET and HEAD, asks for the token or password of the settings, and
 * answers 503 while the distribution is not started or `OTEL_METRICS_EXPORTER` has no `prometheus`.
 */
export function metricsHandler(): RequestHandler {
  return (request, response) => {
    const handler = registry[HANDLER];
    if (handler !== undefined) handler(request, response);
    else
      response
        .writeHead(503, { 'Content-Type': 'text/plain; charset=utf-8' })
        .end('The Prometheus endpoint of @sietch/otel is not started\n');
  };
}
