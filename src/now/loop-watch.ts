// The event loop of this process as `sietch-otel now` shows it. Watched while somebody asks again
// and again, and for a while after; a process that nobody asks pays nothing.
import { type EventLoopUtilization, type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { longestKnownBlockMs } from '../observe/event-loop-blocks.js';

const RESOLUTION_MS = 10;
const WATCH_AFTER_QUESTION_MS = 10_000;
const REMEMBER_MS = 60_000;
/** More often than this, the answers to two questions share one entry. */
const MIN_INTERVAL_MS = 500;
const TURNS = 2;

/** Seconds. */
export interface EventLoopState {
  /** The longest of two turns of the loop, now. */
  readonly delay: number;
  /** The longest block of the last minute, as far as the loop was watched. */
  readonly longestBlock: number | undefined;
  /** For how long of the last minute it was. */
  readonly watchedFor: number;
  /** Share of the time in which the loop was busy, since the question before or the start. */
  readonly utilization: number;
}

interface Interval {
  readonly from: number;
  readonly to: number;
  readonly longestMs: number;
}

class LoopWatch {
  #histogram: IntervalHistogram | undefined;
  #since = 0;
  /** Oldest first. */
  #intervals: Interval[] = [];
  #used: EventLoopUtilization | undefined;
  #timer: NodeJS.Timeout | undefined;

  async read(): Promise<EventLoopState> {
    const now = performance.now();
    const { utilization } = performance.eventLoopUtilization(this.#used);
    this.#note(now);
    const delayMs = await longestTurnMs();
    const known = [...this.#intervals.map(({ longestMs }) => longestMs), longestKnownBlockMs(now - REMEMBER_MS)];
    const longestMs = Math.max(...known.filter((ms) => ms !== undefined));
    const watchedMs = this.#intervals.reduce((sum, { from, to }) => sum + to - Math.max(from, now - REMEMBER_MS), 0);
    return {
      delay: delayMs / 1000,
      longestBlock: Number.isFinite(longestMs) ? longestMs / 1000 : undefined,
      watchedFor: watchedMs / 1000,
      utilization,
    };
  }

  #note(now: number): void {
    this.#intervals = this.#intervals.filter(({ to }) => now - to < REMEMBER_MS);
    if (this.#histogram === undefined) this.#histogram = this.#start(now);
    else if (now - this.#since >= MIN_INTERVAL_MS) this.#endInterval(now, this.#histogram);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#stop(), WATCH_AFTER_QUESTION_MS).unref();
  }

  #start(now: number): IntervalHistogram {
    const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    histogram.enable();
    this.#since = now;
    this.#used = performance.eventLoopUtilization();
    return histogram;
  }

  /** A histogram without values has a maximum of 0, and one with values has the interval in them. */
  #endInterval(now: number, histogram: IntervalHistogram): void {
    const longestMs = Math.max(0, histogram.max / 1e6 - RESOLUTION_MS);
    this.#intervals.push({ from: this.#since, to: now, longestMs });
    this.#since = now;
    this.#used = performance.eventLoopUtilization();
    histogram.reset();
  }

  #stop(): void {
    this.#histogram?.disable();
    this.#histogram = undefined;
  }
}

async function longestTurnMs(): Promise<number> {
  let longest = 0;
  for (let turn = 0; turn < TURNS; turn++) {
    const from = performance.now();
    await new Promise((resolve) => setImmediate(resolve));
    longest = Math.max(longest, performance.now() - from);
  }
  return longest;
}

let watch: LoopWatch | undefined;

export function readEventLoop(): Promise<EventLoopState> {
  watch ??= new LoopWatch();
  return watch.read();
}
