// What the viewer's page shows of this machine beside what was received.

import { DISTRO_VERSION } from '../../sdk/version.js';
import type { NowAnswer, Status } from '../../view/api.js';
import type { DeadLetters, Machine } from '../../view/machine.js';
import { processesOf } from '../now/answers.js';
import { AskedProcesses } from '../now/asked-processes.js';

const MOST = 50;
/** Pages that ask at once, or soon after, get one answer. */
const FRESH_MS = 500;

export interface Sources {
  readonly deadLetters: DeadLetters | undefined;
  status(): Omit<Status, 'totals' | 'version' | 'redis'>;
}

export class ThisMachine implements Machine {
  readonly deadLetters: DeadLetters | undefined;
  readonly #asked = new AskedProcesses({ target: undefined, isWatch: false, isJson: true, most: MOST, ofAllUsers: false, colors: false });
  readonly #sources: Sources;
  #answer: { readonly at: number; readonly processes: Promise<NowAnswer> } | undefined;

  constructor(sources: Sources) {
    this.#sources = sources;
    this.deadLetters = sources.deadLetters;
  }

  now(): Promise<NowAnswer> {
    // Windows has no sockets in the file system.
    if (process.geteuid === undefined) return Promise.resolve({ processes: [] });
    const now = performance.now();
    if (this.#answer === undefined || now - this.#answer.at > FRESH_MS) {
      this.#answer = { at: now, processes: this.#asked.ask().then(processesOf) };
    }
    return this.#answer.processes;
  }

  status(): Omit<Status, 'totals'> {
    return { version: DISTRO_VERSION, redis: this.deadLetters !== undefined, ...this.#sources.status() };
  }

  close(): void {
    this.#asked.close();
  }
}
