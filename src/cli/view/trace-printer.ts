// Prints traces that have stopped growing: as a waterfall, or as a line of JSON.

import { apiLog, apiSpan, summaryOf } from '../../view/api-trace.js';
import { paperOf } from '../../view/paper.js';
import type { TraceStore } from '../../view/trace-store.js';
import { renderWaterfall } from '../../view/waterfall.js';

export interface PrinterOptions {
  readonly service: string | undefined;
  readonly errors: boolean;
  readonly json: boolean;
  /** Asked for or forbidden; undefined: as the terminal has it. */
  readonly color: boolean | undefined;
}

/** A terminal or a pipe that is slower than the traces come does not fill the memory. */
const MAX_UNWRITTEN_BYTES = 16 * 1024 * 1024;

export class TracePrinter {
  readonly #store: TraceStore;
  readonly #options: PrinterOptions;
  /** Traces left out because the output was not read fast enough. */
  #leftOut = 0;

  constructor(store: TraceStore, options: PrinterOptions) {
    this.#store = store;
    this.#options = options;
  }

  get leftOut(): number {
    return this.#leftOut;
  }

  print(traceId: string): void {
    const indexed = this.#store.indexed(traceId);
    const { service, errors, json, color } = this.#options;
    if (indexed === undefined) return;
    if (service !== undefined && !indexed.services.has(service)) return;
    if (errors && indexed.errorCount === 0) return;
    if (process.stdout.writableLength > MAX_UNWRITTEN_BYTES) {
      this.#leftOut++;
      return;
    }
    const { spans, logs } = this.#store.trace(traceId);
    if (json) {
      const trace = {
        ...summaryOf(indexed, logs.length),
        spans: spans.map(apiSpan),
        logs: logs.map((log, index) => apiLog(log, index + 1)),
      };
      process.stdout.write(`${JSON.stringify(trace)}\n`);
      return;
    }
    const text = renderWaterfall(spans, logs, paperOf(process.stdout, color));
    process.stdout.write(`\n${text}\n`);
  }
}
