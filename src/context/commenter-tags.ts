// What kind of work a context is part of: a route, a queue, a job. Names only, from a bounded set; the pg integration puts them into SQL comments.
import { type Context, createContextKey } from '@opentelemetry/api';
import { getRPCMetadata } from '@opentelemetry/core';

export interface Work {
  /** Template of an HTTP route, `/webhooks/:provider`; never a path with values. */
  readonly route?: string | undefined;
  /** Name of a queue. */
  readonly queue?: string | undefined;
  /** Name of a kind of job; never a job's id. */
  readonly job?: string | undefined;
}

const KEY = createContextKey('sietch-otel.work');
const NOTHING: Work = {};

/** A child of `context` that is part of `work`. What an outer context said about other kinds stays. */
export function withWork(context: Context, work: Work): Context {
  const outer = context.getValue(KEY);
  return context.setValue(KEY, isWork(outer) ? { ...outer, ...work } : work);
}

/**
 * What `context` is part of. A route that an HTTP instrumentation found is included: frameworks know it only once they have matched it, so it is
 * read from the request's RPC metadata each time.
 */
export function workOf(context: Context): Work {
  const value = context.getValue(KEY);
  const work = isWork(value) ? value : NOTHING;
  if (work.route !== undefined) return work;
  const route = getRPCMetadata(context)?.route;
  if (route === undefined) return work;
  return work === NOTHING ? { route } : { ...work, route };
}

function isWork(value: unknown): value is Work {
  return typeof value === 'object' && value !== null;
}
