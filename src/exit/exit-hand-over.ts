// The hand-over at exit: nothing asynchronous runs in an `exit` listener, so a worker thread sends
// what is left while this thread waits, up to a deadline. The worker is made only then: one made at
// start would cost every process its memory.
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { environment } from '../config/environment.js';
import { warn } from '../diagnose/diagnostics.js';
import { counted } from '../diagnose/plural.js';
import type { AnyQueue, HandedBatch } from '../export/export-queue.js';
import type { HandedRequest } from '../export/sender.js';

/**
 * The message to the worker thread. `progress[0]` counts finished requests; `progress[1 + i]` is 1
 * once request i was accepted.
 */
export interface HandOver {
  readonly requests: readonly HandedRequest[];
  readonly progress: Int32Array;
  readonly timeoutMs: number;
}

interface LastBatch extends HandedBatch {
  readonly queue: AnyQueue;
}

export class ExitHandOver {
  readonly #queues: readonly AnyQueue[];
  readonly #capMs: number;
  /**
   * The deadline. Set by the first caller, so that all waiting at the end of the process shares one
   * bound.
   */
  #endsAt: number | undefined;
  #worker: Worker | undefined;
  #running = false;

  constructor(queues: readonly AnyQueue[], capMs: number) {
    this.#queues = queues;
    this.#capMs = capMs;
  }

  /** Starts the clock if it does not run; what is left of the cap, in ms. */
  remainingMs(): number {
    this.#endsAt ??= performance.now() + this.#capMs;
    return Math.max(0, this.#endsAt - performance.now());
  }

  /**
   * Sends what is left and waits for it. Never throws. Called again for what ends later (in other
   * listeners of `exit`).
   */
  run(): void {
    if (this.#running) return;
    this.#running = true;
    for (const { drops, pointDrops } of this.#queues) {
      drops.report();
      pointDrops.report();
    }
    try {
      const batches = this.#queues.flatMap((queue) => queue.handOver(() => this.run()).map((batch) => ({ ...batch, queue })));
      if (batches.length > 0) this.#deliver(batches);
    } catch (error) {
      warn('SIETCH096', error instanceof Error ? error.name : typeof error);
    } finally {
      this.#running = false;
    }
  }

  #deliver(batches: readonly LastBatch[]): void {
    const sendable = batches.filter((batch) => batch.request !== undefined);
    const sent = this.remainingMs() > 0 && sendable.length > 0 ? this.#send(sendable) : new Set<LastBatch>();
    const lost = batches.filter((batch) => !sent.has(batch));
    for (const { queue, count } of lost) queue.drops.add('exit', count);
    if (lost.length > 0) reportLost(lost, this.#capMs);
  }

  /** Sends the batches; returns those that arrived. */
  #send(batches: readonly LastBatch[]): Set<LastBatch> {
    const progress = new Int32Array(new SharedArrayBuffer(4 * (batches.length + 1)));
    const requests = batches.flatMap(({ request }) => request ?? []);
    const handOver: HandOver = { requests, progress, timeoutMs: this.remainingMs() };
    this.#worker ??= createWorker();
    this.#worker.postMessage(handOver);
    for (let done = 0; done < requests.length; done = Atomics.load(progress, 0)) {
      if (Atomics.wait(progress, 0, done, this.remainingMs()) === 'timed-out') break;
    }
    return new Set(batches.filter((_, index) => Atomics.load(progress, index + 1) === 1));
  }
}

/**
 * Without the preload and flags of this process: the worker must start fast and observe nothing.
 */
function createWorker(): Worker {
  const { NODE_OPTIONS: _, ...env } = environment();
  return new Worker(join(__dirname, 'exit-worker.js'), { execArgv: [], env, stdin: false, stdout: false, stderr: false });
}

function reportLost(lost: readonly LastBatch[], capMs: number): void {
  const counts = new Map<string, number>();
  for (const { queue, count } of lost) counts.set(queue.what, (counts.get(queue.what) ?? 0) + count);
  const what = [...counts].map(([name, total]) => counted(total, name)).join(' and ');
  warn('SIETCH095', `${what} not sent to ${lost[0]?.queue.target} (SIETCH_OTEL_SHUTDOWN_MS=${capMs})`);
}
