// Runs our own work outside of every trace: it must not be traced, nor belong to the request that
// started it.
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';

const UNTRACED = suppressTracing(ROOT_CONTEXT);

export function untraced<T>(work: () => T): T {
  return context.with(UNTRACED, work);
}
