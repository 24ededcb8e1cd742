// One scrape: collect, write once for each format. Scrapes that come at the same time share the work.
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { MetricsSource } from './collector.js';
import { type Format, writeExposition } from './exposition.js';
import type { SelfMetrics } from './self-metrics.js';

export interface ScraperOptions {
  readonly source: MetricsSource;
  /** Callbacks that take longer are left out. */
  readonly deadlineMs: number;
  readonly maxBytes: number;
  readonly onDrop: SelfMetrics['countDropped'];
}

/** The answer to a scrape, before any compression. */
export interface Answer {
  readonly body: Buffer;
  /** The same, compressed in a thread of the pool: once, however many ask. */
  gzipped(): Promise<Buffer>;
}

export class Scraper {
  readonly #options: ScraperOptions;
  #lastBytes = 0;
  #running: Promise<(format: Format) => Answer> | undefined;

  constructor(options: ScraperOptions) {
    this.#options = options;
  }

  /** @throws {Error} when the reader is not in use, has been shut down, or does not keep its own deadline. */
  async scrape(format: Format): Promise<Answer> {
    this.#running ??= this.#collect().finally(() => {
      this.#running = undefined;
    });
    const write = await this.#running;
    return write(format);
  }

  async #collect(): Promise<(format: Format) => Answer> {
    const { source, deadlineMs } = this.#options;
    return this.#writer(await source.collect(deadlineMs));
  }

  #writer(metrics: ResourceMetrics): (format: Format) => Answer {
    const answers = new Map<Format, Answer>();
    return (format) => {
      const known = answers.get(format);
      if (known !== undefined) return known;
      const { maxBytes, onDrop } = this.#options;
      const body = writeExposition(metrics, { format, maxBytes, onDrop, expectedBytes: this.#lastBytes });
      this.#lastBytes = body.length;
      const answer = createAnswer(body);
      answers.set(format, answer);
      return answer;
    };
  }
}

export function createAnswer(body: Buffer): Answer {
  let compressed: Promise<Buffer> | undefined;
  return {
    body,
    gzipped: () => {
      compressed ??= promisify(gzip)(body, { level: constants.Z_BEST_SPEED });
      return compressed;
    },
  };
}
