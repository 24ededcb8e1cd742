// The end of the process: telemetry is sent, within a bound, and the app's own exit stays what it is.

import { withHardDeadline } from '../node/deadline.js';

/** Parts that must send or close something at the end. */
export type ShutdownStep = () => Promise<void>;

/** Runs all steps at once; resolves when all have ended or after `deadlineMs`, and never rejects. */
export async function runShutdown(steps: readonly ShutdownStep[], deadlineMs: number): Promise<void> {
  await withHardDeadline(Promise.allSettled(steps.map((step) => step())), deadlineMs).catch(() => {});
}
