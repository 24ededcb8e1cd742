// Spans for the middleware, hooks and handlers of Express and Fastify, by setting.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { FastifyOtelInstrumentation } from '@fastify/otel';
import type { Tracer } from '@opentelemetry/api';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { ExpressInstrumentation } from '@opentelemetry/instrumentation-express';
import { ATTR_ERROR_TYPE, ATTR_URL_PATH } from '@opentelemetry/semantic-conventions';
import type { FastifyInstance } from 'fastify';
import { propertyOf, textOf } from '../../context/api-misuse.js';
import { warn } from '../../diagnose/diagnostics.js';
import { OTHER } from '../../sdk/metrics/overflow.js';

/** A span for each middleware, router and handler of Express. */
export function createExpressSpans(): Instrumentation {
  return new ExpressSpans();
}

/** Upstream's, whose spans say by which error they have failed. */
class ExpressSpans extends ExpressInstrumentation {
  protected override get tracer(): Tracer {
    const tracer = super.tracer;
    return {
      startActiveSpan: tracer.startActiveSpan.bind(tracer),
      startSpan(name, options, parent) {
        const span = tracer.startSpan(name, options, parent);
        const { recordException } = span;
        span.recordException = (exception, time) => {
          recordException.call(span, exception, time);
          span.setAttribute(ATTR_ERROR_TYPE, textOf(propertyOf(exception, 'name')) ?? OTHER);
        };
        return span;
      },
    };
  }
}

/**
 * Gives what registers the app's own `@fastify/otel` with each new Fastify instance: a span for
 * each request, hook and handler. Not by default: where the app registers it too, Fastify refuses
 * to start (`FST_ERR_DEC_ALREADY_PRESENT`); the route is known without it.
 */
export function createFastifyRegistration(): (fastify: FastifyInstance) => void {
  let instrumentation: FastifyOtelInstrumentation | undefined;
  return (fastify) => {
    try {
      instrumentation ??= loadFastifyOtel();
      instrumentation?.plugin()(fastify, {}, () => {});
    } catch (error) {
      const reason = error instanceof Error ? (error.message.split('\n')[0] ?? error.name) : String(error);
      warn('SIETCH031', reason);
    }
  };
}

/** Undefined where the app has loaded it: then the app registers it. */
function loadFastifyOtel(): FastifyOtelInstrumentation | undefined {
  const fromApp = createRequire(join(process.cwd(), 'package.json'));
  if (fromApp.cache[fromApp.resolve('@fastify/otel')] !== undefined) return undefined;
  const { FastifyOtelInstrumentation }: typeof import('@fastify/otel') = fromApp('@fastify/otel');
  return new FastifyOtelInstrumentation({
    recordExceptions: false,
    // Its own value holds the query.
    requestHook: (span, request) => span.setAttribute(ATTR_URL_PATH, request.url.split('?', 1)[0] ?? ''),
  });
}
