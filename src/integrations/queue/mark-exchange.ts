// The exchange of marks at one place: writes the traces that this process has kept, several at
// once, and reads those of others while this process may hold halves of them. The server may be
// away, or refuse: then a mark is written later, or is lost and counted.
import { warn } from '../../diagnose/diagnostics.js';
import { PacedTask } from './paced-task.js';

const WRITE_EVERY_MS = 200;
const READ_EVERY_MS = 1_000;
/** How long is read for after a job was added or taken. */
const READ_FOR_MS = 120_000;
/** A mark that could not be written for so long is of no use: halves are not held longer. */
const USELESS_AFTER_MS = 30_000;
const MAX_WAITING = 10_000;
/** Ids that are written at once. */
const WRITE_IDS = 200;
/**
 * How long ids are heard in one turn of the event loop: each may send the spans of a trace, which
 * takes 0.05 ms, and up to 0.5 ms in a process that has just started.
 */
const TURN_MS = 2;
const TRACE_ID = /^[\da-f]{32}$/;

/** Marks by what became of them. */
export interface MarkCounts {
  /** Those that the server has taken. */
  written: number;
  /** Those by which this process has kept a half of its own. */
  heard: number;
  /** Those that the server could not be told. */
  lost: number;
}

/** The marks at one place. */
export interface Marks {
  /** For messages. */
  readonly key: string;
  /** Rejects when the server does not take them. */
  write(traceIds: readonly string[]): Promise<void>;
  /** The ids that were written since the last reading. Rejects when the server does not answer. */
  read(): Promise<readonly string[]>;
  /** The class of an error of those, without its message. */
  errorType(error: unknown): string;
  /** Called when nothing is read for now. */
  rest?(): void;
}

/** The ids of one mark, which are separated by commas; anybody may have written it. */
export function traceIdsIn(mark: string): string[] {
  return mark.split(',').filter((id) => TRACE_ID.test(id));
}

export interface MarkHost {
  readonly counts: MarkCounts;
  /** While there is none, our connections are closed. */
  hasQueues(): boolean;
  hear(traceId: string, from: MarkExchange): void;
}

export class MarkExchange {
  readonly #marks: Marks;
  readonly #host: MarkHost;
  /** Ids that are to be written, with the time at which they came. */
  readonly #waiting = new Map<string, number>();
  #readUntil = 0;
  #isFailing = false;
  readonly #writes: PacedTask;
  readonly #reads: PacedTask;

  constructor(marks: Marks, host: MarkHost) {
    this.#marks = marks;
    this.#host = host;
    const onFailure = (error: unknown) => this.#failed(error);
    this.#writes = new PacedTask(WRITE_EVERY_MS, { run: () => this.#write(), onFailure });
    this.#reads = new PacedTask(READ_EVERY_MS, { run: () => this.#read(), onFailure });
  }

  /** A job was added or taken: another process may keep its trace. */
  listen(): void {
    this.#readUntil = performance.now() + READ_FOR_MS;
    this.#reads.request();
  }

  get isListening(): boolean {
    return this.#readUntil > performance.now();
  }

  tell(traceId: string): void {
    if (this.#waiting.size >= MAX_WAITING) this.#host.counts.lost++;
    else this.#waiting.set(traceId, performance.now());
    this.#writes.request();
  }

  /** Writes what waits, once. Never rejects. */
  async flush(): Promise<void> {
    if (this.#waiting.size > 0) await this.#writes.runNow();
  }

  stop(): void {
    this.#writes.stop();
    this.#reads.stop();
    this.#readUntil = 0;
    this.#lose(this.#waiting.keys());
    this.#marks.rest?.();
  }

  async #write(): Promise<boolean> {
    const tooOld = performance.now() - USELESS_AFTER_MS;
    this.#lose([...this.#waiting].filter(([, since]) => since < tooOld || !this.#host.hasQueues()).map(([traceId]) => traceId));
    const traceIds = [...this.#waiting.keys()].slice(0, WRITE_IDS);
    if (traceIds.length === 0) return false;
    await this.#marks.write(traceIds);
    this.#isFailing = false;
    for (const traceId of traceIds) this.#waiting.delete(traceId);
    this.#host.counts.written += traceIds.length;
    return this.#waiting.size > 0;
  }

  async #read(): Promise<boolean> {
    if (!this.isListening || !this.#host.hasQueues()) {
      this.#marks.rest?.();
      return false;
    }
    const traceIds = await this.#marks.read();
    this.#isFailing = false;
    let begunAt = performance.now();
    for (const traceId of traceIds) {
      if (performance.now() - begunAt > TURN_MS) {
        await new Promise((resolve) => setImmediate(resolve));
        begunAt = performance.now();
      }
      this.#host.hear(traceId, this);
    }
    return true;
  }

  /** One line, though writing and reading fail both, in ways of their own perhaps. */
  #failed(error: unknown): void {
    if (!this.#isFailing) warn('SIETCH250', `${this.#marks.key}: ${this.#marks.errorType(error)}`);
    this.#isFailing = true;
  }

  #lose(traceIds: Iterable<string>): void {
    for (const traceId of traceIds) if (this.#waiting.delete(traceId)) this.#host.counts.lost++;
  }
}
