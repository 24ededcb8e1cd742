// Asks again at most so often, and less often when the answer takes long: a page never spends most of its time on refreshing.
import { useEffect, useRef } from 'preact/hooks';
import type { Added } from '../../api.js';
import { onAdded } from './live.js';

export interface Refresher {
  /** Asks soon. */
  request(): void;
  /** Asks now, whatever is under way. */
  restart(): void;
  stop(): void;
}

/** How many times as long as asking took it rests: asking takes a fifth of the time. */
const REST = 4;
const MOST_REST_MS = 10_000;

export function createRefresher(ask: (signal: AbortSignal) => Promise<void>, leastMs: number): Refresher {
  let running: AbortController | undefined;
  let timer: number | undefined;
  let isWanted = false;
  let restUntil = 0;
  const run = async (): Promise<void> => {
    timer = undefined;
    isWanted = false;
    const mine = new AbortController();
    running = mine;
    const startedAt = performance.now();
    await ask(mine.signal);
    if (running !== mine) return;
    running = undefined;
    restUntil = performance.now() + Math.max(leastMs, Math.min(MOST_REST_MS, (performance.now() - startedAt) * REST));
    if (isWanted) refresher.request();
  };
  const start = (delay: number): void => {
    timer = window.setTimeout(() => void run(), delay);
  };
  const refresher: Refresher = {
    request() {
      if (running !== undefined) isWanted = true;
      else if (timer === undefined) start(Math.max(0, restUntil - performance.now()));
    },
    restart() {
      refresher.stop();
      start(0);
    },
    stop() {
      running?.abort();
      running = undefined;
      window.clearTimeout(timer);
      timer = undefined;
    },
  };
  return refresher;
}

/**
 * A refresher that lives as long as the component, asks at once, and from the start when `key` changes.
 * @param ask must not reject, and not tell anything once it is aborted
 */
export function useRefresher(ask: (signal: AbortSignal) => Promise<void>, key: string, leastMs = 1_000): Refresher {
  const asked = useRef(ask);
  asked.current = ask;
  const refresher = useRef<Refresher>(null);
  refresher.current ??= createRefresher((signal) => asked.current(signal), leastMs);
  const mine = refresher.current;
  useEffect(() => {
    mine.restart();
    return () => mine.stop();
  }, [mine, key]);
  return mine;
}

/** One that asks again when something arrives that concerns it, too. */
export function useLiveRefresher(
  ask: (signal: AbortSignal) => Promise<void>,
  concerns: (added: Added) => boolean,
  key: string,
  leastMs?: number,
): Refresher {
  const refresher = useRefresher(ask, key, leastMs);
  const asked = useRef(concerns);
  asked.current = concerns;
  useEffect(
    () =>
      onAdded((added) => {
        if (asked.current(added)) refresher.request();
      }),
    [refresher],
  );
  return refresher;
}
