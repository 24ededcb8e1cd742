// What a test's receiver has received: a store that keeps metrics as they were sent, too, and can be awaited. No vitest here.
import type { Metric, Span, Telemetry } from '../../src/view/telemetry.js';
import { type Trace, TraceStore, type TraceStoreLimits } from '../../src/view/trace-store.js';

export interface WaitOptions {
  /** Default 20000. */
  timeoutMs?: number;
}

export class ReceivedStore extends TraceStore {
  #metrics: Metric[] = [];

  constructor(limits: TraceStoreLimits = {}) {
    super(limits);
    this.onAdded(({ metrics }) => {
      for (const metric of metrics) this.#metrics.push(metric);
    });
  }

  /** One entry for each export of a metric: the last one of a name is its newest value. */
  get metrics(): readonly Metric[] {
    return this.#metrics;
  }

  override clear(): void {
    super.clear();
    this.#metrics = [];
  }

  /** The trace with the latest span first. */
  traces(): Trace[] {
    return this.newestFirst().map(({ traceId }) => this.trace(traceId));
  }

  /**
   * Resolves with what `predicate` returns as soon as that is neither false nor undefined; it is asked now and after every export.
   * @throws {Error} when that has not happened within `timeoutMs`: the message lists what did arrive.
   */
  waitFor<Result>(predicate: (store: ReceivedStore) => Result | false | undefined, options: WaitOptions = {}): Promise<Result> {
    const timeoutMs = options.timeoutMs ?? 20_000;
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        stop();
        clearTimeout(timer);
      };
      const check = (): void => {
        try {
          const result = predicate(this);
          if (result === false || result === undefined) return;
          settle();
          resolve(result);
        } catch (error) {
          settle();
          reject(error);
        }
      };
      const timer = setTimeout(() => {
        settle();
        reject(new Error(`What was waited for did not arrive within ${timeoutMs} ms. ${this.#summary()}`));
      }, timeoutMs);
      const stop = this.onAdded(check);
      check();
    });
  }

  /** Resolves with the spans of a trace as soon as there is one and `predicate` holds for them. */
  waitForTrace(traceId: string, predicate: (spans: Span[]) => boolean = () => true, options: WaitOptions = {}): Promise<Span[]> {
    return this.waitFor(() => {
      const { spans } = this.trace(traceId);
      return spans.length > 0 && predicate(spans) ? spans : undefined;
    }, options);
  }

  #summary(): string {
    const names = (items: readonly { name: string }[]) => [...new Set(items.map((item) => item.name))].slice(-30).join(', ');
    const { spans, logs, metrics }: Pick<ReceivedStore, keyof Telemetry> = this;
    return `Arrived: ${spans.length} spans (${names(spans)}), ${logs.length} log records, ${metrics.length} metrics (${names(metrics)}).`;
  }
}
