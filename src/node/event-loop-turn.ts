// Calls back at the first turn of the event loop. A script that only runs and ends never gets
// there, and need not pay for what starts then.

/** By a timer: with nothing else to do, the loop does not come to an unref'd immediate. */
export function onEventLoopTurn(work: () => void): void {
  setTimeout(work, 0).unref();
}
