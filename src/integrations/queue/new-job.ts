// Describes the job that a call adds, where the library does not do so itself.
import type { OperationSpan } from './bullmq-module.js';

/**
 * Sets the attributes that later versions of BullMQ set themselves. Returns `added`, the promise of
 * the job.
 */
export function describeNewJob(span: OperationSpan | undefined, name: string, added: unknown): unknown {
  span?.setAttribute('bullmq.job.name', name);
  if (added instanceof Promise) {
    added.then(
      (job: { readonly id?: unknown } | null | undefined) => span?.setAttribute('bullmq.job.id', job?.id),
      () => {}, // The app has it.
    );
  }
  return added;
}
