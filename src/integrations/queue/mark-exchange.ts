// The exchange of marks over one stream: writes the traces that this process has kept, several at
// once, and reads those of others while this process may hold halves of them. Redis may be away, or
// refuse: then a mark is written later, or is lost and counted.
import { warn } from '../../diagnose/diagnostics.js';
import { describeError } from '../../observe/redis/error-type.js';
import { type MarkStream, WRITE_IDS } from './mark-stream.js';
import { PacedTask } from './paced-task.js';

const WRITE_EVERY_MS = 200;
const READ_EVERY_MS = 1_000;
/** How long is read for after a job was added or taken. */
const READ_FOR_MS = 120_000;
/** A mark that could not be written for so long is of no use: halves are not held longer. */
const USELESS_AFTER_MS = 30_000;
const MAX_WAITING = 10_000;

/** Marks by what became of them. */
export interface MarkCounts {
  /** Those that Redis has taken. */
  written: number;
  /** Those by which this process has kept a half of its own. */
  heard: number;
  /** Those that Redis could not be told. */
  lost: number;
}

type Marks = Pick<MarkStream, 'key' | 'write' | 'read'>;

export interface MarkHost {
  readonly counts: MarkCounts;
  /** While there is none, our connections are closed. */
  hasQueues(): boolean;
  hear(traceId: string, from: MarkExchange): void;
}

export class MarkExchange {
  readonly #stream: Marks;
  readonly #host: MarkHost;
  /** Ids that are to be written, with the time at which they came. */
  readonly #waiting = new Map<string, number>();
  #readUntil = 0;
  #isFailing = false;
  readonly #writes: PacedTask;
  readonly #reads: PacedTask;

  constructor(stream: Marks, host: MarkHost) {
    this.#stream = stream;
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
  }

  async #write(): Promise<boolean> {
    const tooOld = performance.now() - USELESS_AFTER_MS;
    this.#lose([...this.#waiting].filter(([, since]) => since < tooOld || !this.#host.hasQueues()).map(([traceId]) => traceId));
    const traceIds = [...this.#waiting.keys()].slice(0, WRITE_IDS);
    if (traceIds.length === 0) return false;
    await this.#stream.write(traceIds);
    this.#isFailing = false;
    for (const traceId of traceIds) this.#waiting.delete(traceId);
    this.#host.counts.written += traceIds.length;
    return this.#waiting.size > 0;
  }

  async #read(): Promise<boolean> {
    if (!this.isListening || !this.#host.hasQueues()) return false;
    const traceIds = await this.#stream.read();
    this.#isFailing = false;
    for (const traceId of traceIds) this.#host.hear(traceId, this);
    return true;
  }

  /** One line, though writing and reading fail both, in ways of their own perhaps. */
  #failed(error: unknown): void {
    if (!this.#isFailing) warn('SIETCH250', `${this.#stream.key}: ${describeError(error).type}`);
    this.#isFailing = true;
  }

  #lose(traceIds: Iterable<string>): void {
    for (const traceId of traceIds) if (this.#waiting.delete(traceId)) this.#host.counts.lost++;
  }
}
