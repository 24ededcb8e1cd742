// The marks in the bytes of recorded spans, which are read by the process that has written them alone.

/** What an attribute value begins with. */
export const NULL = 0;
export const UNDEFINED = 1;
export const TRUE = 2;
export const FALSE = 3;
export const DOUBLE = 4;
export const INTEGER = 5;
export const SHARED_TEXT = 6;
export const OWN_TEXT = 7;
export const LIST = 8;

/** What the bytes of a span begin with: that it was made at its end, or started with these parts. */
export const COMPLETED = 1;
export const IS_ROOT = 2;
export const HAS_PARENT = 4;
export const IS_PARENT_REMOTE = 8;
export const HAS_TIMES_GIVEN = 16;
export const HAS_CONSTANTS = 32;
export const HAS_STATUS = 64;
/** Events, links, and counts of what was dropped. */
export const HAS_MORE = 128;

/** Trace states: none, that of all traces that begin here, any other. */
export const NO_STATE = 0;
export const OWN_STATE = 1;
export const OTHER_STATE = 2;

/** Ids: the digits follow; the parent of the span before it in the trace; one that nobody has asked for. */
export const OWN_ID = 0;
export const SAME_ID = 1;
export const NO_ID = 2;
