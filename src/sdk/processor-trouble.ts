// One line on stderr for a processor of the app that throws.
import { warn } from '../diagnose/diagnostics.js';

export class ProcessorTrouble {
  #isReported = false;

  /** The message of an error may hold a value of the app. */
  report(method: string, error: unknown): void {
    if (this.#isReported) return;
    this.#isReported = true;
    warn('SIETCH173', `${method}() threw ${error instanceof Error ? error.name : typeof error}`);
  }
}
