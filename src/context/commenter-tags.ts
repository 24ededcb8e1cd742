// SQL-commenter tags of a context: its route, queue and job. Names only, from a bounded set; the pg
// integration puts them into SQL comments.
import { type Context, createContextKey } from '@opentelemetry/api';
import { getRPCMetadata } from '@opentelemetry/core';

export interface CommenterTags {
  /** Template of an HTTP route, `/webhooks/:provider`; never a path with values. */
  readonly route?: string | undefined;
  /** Name of a queue. */
  readonly queue?: string | undefined;
  /** Name of a kind of job; never a job's id. */
  readonly job?: string | undefined;
}

const KEY = createContextKey('sietch-otel.commenter-tags');
const NO_TAGS: CommenterTags = {};

/** A child of `context` with these tags; the others of an outer context stay. */
export function withCommenterTags(context: Context, tags: CommenterTags): Context {
  const outer = context.getValue(KEY);
  return context.setValue(KEY, isCommenterTags(outer) ? { ...outer, ...tags } : tags);
}

/**
 * The tags of `context`. A route that an HTTP instrumentation found is included: frameworks know it
 * only once they have matched it, so it is read from the request's RPC metadata each time.
 */
export function commenterTagsOf(context: Context): CommenterTags {
  const value = context.getValue(KEY);
  const tags = isCommenterTags(value) ? value : NO_TAGS;
  if (tags.route !== undefined) return tags;
  const route = getRPCMetadata(context)?.route;
  if (route === undefined) return tags;
  return tags === NO_TAGS ? { route } : { ...tags, route };
}

function isCommenterTags(value: unknown): value is CommenterTags {
  return typeof value === 'object' && value !== null;
}
