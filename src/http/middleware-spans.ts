// Spans for the inside of Express and Fastify, for who asks for them.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { ExpressInstrumentation } from '@opentelemetry/instrumentation-express';

/** Upstream's instrumentations of both; Fastify's is the app's own `@fastify/otel`. */
export function createMiddlewareSpans(): Instrumentation[] {
  return [new ExpressInstrumentation(), ...createFastifySpans()];
}

function createFastifySpans(): Instrumentation[] {
  try {
    const fromApp = createRequire(join(process.cwd(), 'package.json'));
    const { FastifyOtelInstrumentation }: typeof import('@fastify/otel') = fromApp('@fastify/otel');
    return [new FastifyOtelInstrumentation({ registerOnInitialization: true, recordExceptions: false })];
  } catch {
    return [];
  }
}
