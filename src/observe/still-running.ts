// Reports what is still running: one log record for each operation that has been open for long, and
// one more whenever it has been open for twice as long. So what hangs is known before the process
// is killed: its spans never leave it.
import type { Attributes } from '@opentelemetry/api';
import { keepTraceIn } from '../context/trace-recording.js';
import { logEvent } from '../logging/event-log.js';
import { LogLimit } from './log-limit.js';
import { ageOf, CallOwner, describeWait, inSeconds, type OpenCalls, openCalls, ownerOf } from './open-calls.js';
import { ATTR_AGE, ATTR_CATEGORY, ATTR_OPERATION, ATTR_UNREPORTED, ATTR_WAITS_FOR, EVENT_STILL_RUNNING } from './running-names.js';
import { type LongRunning, type RunningOperation, running } from './running-operations.js';

/** Where nothing is reported: from then on operations are held weakly. */
const UNREPORTED_MS = 30_000;
/** Looks for each threshold, so that a report is late by a part of it only. */
const LOOKS_PER_THRESHOLD = 4;
const MIN_LOOK_MS = 10;
const MAX_LOOK_MS = 5_000;
const MAX_RECORDS = 20;
const RECORD_PERIOD_MS = 60_000;

/**
 * Begins to watch the operations of this process, by a timer that does not keep it alive and that
 * rests while nothing is open.
 * @param thresholdMs 0: nothing is reported
 */
export function watchStillRunning(thresholdMs: number): void {
  const watch = new StillRunning(thresholdMs);
  const everyMs = Math.min(MAX_LOOK_MS, Math.max(MIN_LOOK_MS, (thresholdMs || UNREPORTED_MS) / LOOKS_PER_THRESHOLD));
  // One timer, made here and set again: it keeps no context of a request.
  const timer = setTimeout(() => {
    watch.look(performance.now());
    running.isWatched = !running.isEmpty;
    if (running.isWatched) timer.refresh();
  }, everyMs).unref();
  running.onUnwatched = () => {
    running.isWatched = true;
    timer.refresh();
  };
}

class StillRunning {
  readonly #thresholdMs: number;
  readonly #limit = new LogLimit(MAX_RECORDS, RECORD_PERIOD_MS);

  constructor(thresholdMs: number) {
    this.#thresholdMs = thresholdMs;
  }

  look(now: number): void {
    const due: RunningOperation[] = [];
    for (const long of running.takeLongRunning(now - (this.#thresholdMs || UNREPORTED_MS))) {
      const operation = long.deref();
      if (operation !== undefined && now >= long.reportAt && this.#isDue(operation, long, now)) due.push(operation);
    }
    if (due.length === 0) return;
    const calls = openCalls();
    for (const operation of due) this.#report(operation, calls, now);
  }

  /** Sets when it is to be reported next. */
  #isDue(operation: RunningOperation, long: LongRunning, now: number): boolean {
    const isOnce = this.#thresholdMs === 0 || operation.isStreaming;
    long.reportAt = isOnce ? Number.POSITIVE_INFINITY : operation.startedAt + nextAge(now - operation.startedAt, this.#thresholdMs);
    if (this.#thresholdMs === 0 || operation.isExpected) return false;
    // A call of a request or a job is the step of its record, and has none of its own.
    const owner = operation instanceof CallOwner ? undefined : ownerOf(operation.context);
    return owner === undefined || !running.has(owner);
  }

  #report(operation: RunningOperation, calls: ReadonlyMap<CallOwner, OpenCalls>, now: number): void {
    const unreported = this.#limit.take();
    if (unreported === undefined) return;
    const age = ageOf(operation, now);
    const attributes: Attributes = {
      [ATTR_CATEGORY]: operation.category,
      [ATTR_OPERATION]: operation.title,
      [ATTR_AGE]: Math.round(age * 1000) / 1000,
    };
    let message = `still running for ${inSeconds(age)}: ${operation.category} ${operation.title}`;
    if (operation instanceof CallOwner) {
      const wait = describeWait(operation, calls.get(operation), now);
      Object.assign(attributes, operation.attributes, { [ATTR_WAITS_FOR]: wait });
      message += ` (${wait})`;
    }
    keepTraceIn(operation.context, 'slow');
    if (unreported > 0) attributes[ATTR_UNREPORTED] = unreported;
    logEvent({ level: 'warn', name: EVENT_STILL_RUNNING, message, attributes, context: operation.context });
  }
}

/** The first of one, two, four, … thresholds that is over `age`. */
function nextAge(age: number, threshold: number): number {
  let next = threshold;
  while (next <= age) next *= 2;
  return next;
}
