// Our own work must not be traced, nor belong to the request that set it off.
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';

const UNTRACED = suppressTracing(ROOT_CONTEXT);

/** Runs `work` outside of every trace. */
export function untraced<T>(work: () => T): T {
  return context.with(UNTRACED, work);
}
