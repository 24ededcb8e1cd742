// How a call through a breaker can end, and the states a breaker can be in: as numbers on the hot
// path, as words in telemetry.

/** In the order of their index. */
export const OUTCOMES = ['success', 'failure', 'timeout', 'ignored', 'rejected', 'at_capacity', 'cached'] as const;
export type Outcome = (typeof OUTCOMES)[number];

export const SUCCESS = 0;
export const FAILURE = 1;
export const TIMEOUT = 2;
/** The call failed with an error that the breaker does not count (opossum: `errorFilter`). */
export const IGNORED = 3;
/** Not permitted: the breaker was open. */
export const REJECTED = 4;
/** Too many calls at once (opossum: `capacity`). */
export const AT_CAPACITY = 5;
/** Answered from opossum's cache or by a call that was already under way. */
export const CACHED = 6;

/** Outcomes of calls that ran, and so have a duration. */
export const TIMED_OUTCOMES = 4;

export const STATES = ['closed', 'half_open', 'open'] as const;
/** State of a breaker that lives. */
export type LiveState = (typeof STATES)[number];

export const CLOSED = 0;
export const HALF_OPEN = 1;
export const OPEN = 2;

/** The value of the state gauges, by state index. */
export const STATE_VALUES = [0, 0.5, 1] as const;
