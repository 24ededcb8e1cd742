// The end of the process: telemetry is sent, within a bound, and the app's own exit stays what it is.

/** Parts that must send or close something at the end. */
export type ShutdownStep = () => Promise<void>;

/** Runs all steps at once; resolves when all have ended or after `deadlineMs`, and never rejects. */
export async function runShutdown(steps: readonly ShutdownStep[], deadlineMs: number): Promise<void> {
  const deadline = new Promise<void>((resolve) => {
    setTimeout(resolve, deadlineMs).unref();
  });
  const all = Promise.allSettled(steps.map((step) => step())).then(() => undefined);
  await Promise.race([all, deadline]);
}
