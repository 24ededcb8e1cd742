// Runs the shutdown steps of all parts at once, with one deadline.

import { withHardDeadline } from '../node/deadline.js';

/** Parts that must send or close something at the end. */
export type ShutdownStep = () => Promise<void>;

/**
 * Runs all steps at once; resolves when all have ended or after `deadlineMs`, and never rejects.
 */
export async function runShutdown(steps: readonly ShutdownStep[], deadlineMs: number): Promise<void> {
  await withHardDeadline(Promise.allSettled(steps.map((step) => step())), deadlineMs).catch(() => {});
}
