// Reads the reports of the app's processes while the doctor watches: `started`, `turns`, `checked`.
// Without `checked` from each of them the doctor does not report "nothing found".
import { isRunning } from '../node/running-process.js';

/** Runners put their marks before and after what they pass on. */
const REPORT = /\[sietch-otel\] doctor: process (\d+) (started|turns|checked, preloaded by the doctor|checked)/;
const MAX_PROCESSES = 1000;
/** Poll interval, since there is no event for the end of a process of the app. */
const POLL_MS = 200;

interface ObservedProcess {
  /** When its event loop turned for the first time, on the clock of `performance`. */
  turnsSince: number | undefined;
  isChecked: boolean;
}

export class ProcessReports {
  readonly #processes = new Map<number, ObservedProcess>();
  readonly #waiting = new Set<() => void>();
  #hasOwnPreload = false;

  /** Whether the line was a report. */
  read(line: string): boolean {
    const [, pid, report] = REPORT.exec(line) ?? [];
    if (pid === undefined) return false;
    const known = this.#processes.get(Number(pid)) ?? { turnsSince: undefined, isChecked: false };
    if (this.#processes.size < MAX_PROCESSES) this.#processes.set(Number(pid), known);
    if (report === 'turns') known.turnsSince = performance.now();
    if (report?.startsWith('checked')) known.isChecked = true;
    if (report === 'checked') this.#hasOwnPreload = true;
    for (const ask of [...this.#waiting]) ask();
    return true;
  }

  get hasStarted(): boolean {
    return this.#processes.size > 0;
  }

  /** The ids of processes without a finished self-check. */
  get unchecked(): readonly number[] {
    return [...this.#processes].filter(([, { isChecked }]) => !isChecked).map(([pid]) => pid);
  }

  get allChecked(): boolean {
    return this.hasStarted && this.unchecked.length === 0;
  }

  /** Whether every checked process has its preload from the doctor alone. */
  get hasDoctorsPreloadOnly(): boolean {
    return !this.#hasOwnPreload && [...this.#processes.values()].some(({ isChecked }) => isChecked);
  }

  /** Resolves once the condition, asked at each report, is true. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const ask = () => {
        if (!condition()) return;
        this.#waiting.delete(ask);
        resolve();
      };
      this.#waiting.add(ask);
      ask();
    });
  }

  /**
   * Resolves once a process that still runs has turned its event loop for so long: what compiled
   * the app before it ran does not count.
   */
  async untilWatched(ms: number): Promise<void> {
    for (;;) {
      const since = [...this.#processes].flatMap(([pid, { turnsSince }]) =>
        turnsSince !== undefined && isRunning(pid) ? [turnsSince] : [],
      );
      const leftMs = Math.min(...since) + ms - performance.now();
      if (leftMs <= 0) return;
      await new Promise((resolve) => setTimeout(resolve, Math.min(leftMs, POLL_MS)).unref());
    }
  }
}
