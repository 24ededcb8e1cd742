// The bounds of a profile, for the command and for the process that it asks.

export const MIN_SECONDS = 1;
export const MAX_SECONDS = 60;
export const DEFAULT_SECONDS = 10;
