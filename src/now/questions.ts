// The questions that a process answers over its socket, by name. What answers one is loaded when it
// is asked.
import type { Handler } from './call.js';

export interface KnownQuestion {
  /** Time until there must be an answer. */
  readonly deadlineMs: number;
  load(): Handler;
}

/** "Add a question" = one line here. */
export const questions: Readonly<Record<string, KnownQuestion>> = {
  heap: { deadlineMs: 600_000, load: () => loadProfile().answerHeap },
  profile: { deadlineMs: 120_000, load: () => loadProfile().answerProfile },
  state: { deadlineMs: 5_000, load: () => loadState().answerState },
};

function loadState(): typeof import('./process-state.js') {
  return require('./process-state.js');
}

function loadProfile(): typeof import('./answer-profile.js') {
  return require('./answer-profile.js');
}
