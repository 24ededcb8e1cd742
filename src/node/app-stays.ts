// Tells when a process has turned out to stay: the app listens itself, or a second has passed. What
// ends before that (a command, a job of cron) gets no port, socket or file of ours.
import { onEventLoopTurn } from './event-loop-turn.js';

const SHORT_LIVED_MS = 1_000;
const LOOK_EVERY_MS = 50;
/** Node's name for what listens on a port. */
const LISTENING = 'TCPServerWrap';

/** What is waiting for the same look. */
let waiting: (() => void)[] = [];

/** Calls back once, by a timer that does not keep the process alive. The callback must not throw. */
export function whenAppStays(work: () => void): void {
  waiting.push(work);
  if (waiting.length === 1) onEventLoopTurn(lookFromNow);
}

function lookFromNow(): void {
  const startedAt = performance.now();
  const look = () => {
    if (process.getActiveResourcesInfo().includes(LISTENING) || performance.now() - startedAt >= SHORT_LIVED_MS) runWaiting();
    else setTimeout(look, LOOK_EVERY_MS).unref();
  };
  look();
}

function runWaiting(): void {
  const works = waiting;
  waiting = [];
  for (const work of works) work();
}
