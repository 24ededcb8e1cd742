// What a process needs once it waits for something. A script that only runs and ends never comes to it, and need not pay for it.

/** Calls back when the event loop turns for the first time. A timer: with nothing else to do, the loop does not come to an unref'd immediate. */
export function onEventLoopTurn(work: () => void): void {
  setTimeout(work, 0).unref();
}
