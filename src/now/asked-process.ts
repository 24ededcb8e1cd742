// A process that is asked for its state, once or again and again. While it has not answered it is
// not asked anew: the questions would wait in its socket until the event loop turns.
import { readFileSync } from 'node:fs';
import { ask, type Outcome } from './ask.js';
import type { ProcessState } from './process-state.js';
import { isProcessState } from './process-state-shape.js';
import type { PreloadedProcess } from './processes.js';
import { removeRefused } from './stale-sockets.js';

export type ProcessAnswer =
  | { readonly kind: 'state'; readonly state: ProcessState }
  /** It has not answered for so many seconds. */
  | { readonly kind: 'silent'; readonly forSeconds: number; readonly isStopped: boolean }
  /** It has ended, and its socket is removed. */
  | { readonly kind: 'ended' }
  | { readonly kind: 'failed'; readonly message: string };

export class AskedProcess {
  readonly process: PreloadedProcess;
  #pending: Promise<Outcome> | undefined;
  #askedAt = 0;
  readonly #end = new AbortController();

  constructor(process: PreloadedProcess) {
    this.process = process;
  }

  /**
   * Its state, or that it does not answer within `withinMs`. Never rejects.
   * @param most entries of each section
   */
  async ask(most: number, withinMs: number): Promise<ProcessAnswer> {
    if (this.#pending === undefined) {
      this.#askedAt = performance.now();
      this.#pending = ask(this.process.path, { ask: 'state', most }, { signal: this.#end.signal });
    }
    const outcome = await within(withinMs, this.#pending);
    if (outcome === undefined) {
      return { kind: 'silent', forSeconds: (performance.now() - this.#askedAt) / 1000, isStopped: isStopped(this.process.pid) };
    }
    this.#pending = undefined;
    return this.#read(outcome);
  }

  /** Gives up a question that has no answer yet. */
  close(): void {
    this.#end.abort();
  }

  #read(outcome: Outcome): ProcessAnswer {
    switch (outcome.status) {
      case 'answered':
        if (isProcessState(outcome.answer)) return { kind: 'state', state: outcome.answer };
        return { kind: 'failed', message: 'its state is none of this version of @sietch/otel' };
      case 'ended':
        // In folders of other users nothing is removed: their links could lead anywhere.
        if (this.process.uid === process.geteuid?.()) removeRefused(this.process.path);
        return { kind: 'ended' };
      default:
        return { kind: 'failed', message: outcome.message };
    }
  }
}

function within(ms: number, outcome: Promise<Outcome>): Promise<Outcome | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), ms);
    void outcome.then((settled) => {
      clearTimeout(timer);
      resolve(settled);
    });
  });
}

/** By SIGSTOP, or by a debugger; told by Linux alone. */
function isStopped(pid: number): boolean {
  try {
    // The name of the program, in parentheses, may hold any characters.
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return /^[Tt]$/.test(stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3));
  } catch {
    return false;
  }
}
