// Answers scrapes: collects, and writes once for each format. Scrapes at the same time share one
// collection.
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { MetricsSource } from './collector.js';
import { writeExposition } from './exposition.js';
import type { Format } from './format.js';
import type { Translation } from './naming.js';
import type { SelfMetrics } from './self-metrics.js';

export interface ScraperOptions {
  readonly source: MetricsSource;
  /** Metrics of callbacks that take longer are left out. */
  readonly deadlineMs: number;
  readonly maxBytes: number;
  readonly translation: Translation;
  readonly onDrop: SelfMetrics['countDropped'];
}

/** The answer to a scrape. */
export class Answer {
  /** Before any compression. */
  readonly body: Buffer;
  readonly #free: (() => void) | undefined;
  #holders = 0;
  #compressed: Promise<Buffer> | undefined;

  /** @param free called when the last holder has let go: its memory is used again */
  constructor(body: Buffer, free?: () => void) {
    this.body = body;
    this.#free = free;
  }

  /** The body, compressed once, in a thread of the pool. */
  gzipped(): Promise<Buffer> {
    this.#compressed ??= promisify(gzip)(this.body, { level: constants.Z_BEST_SPEED });
    return this.#compressed;
  }

  /** Keeps the memory until `letGo()`. Call it as soon as there is an answer. */
  hold(): void {
    this.#holders++;
  }

  /** Ends one `hold()`. */
  letGo(): void {
    this.#holders--;
    if (this.#holders === 0) this.#free?.();
  }
}

export class Scraper {
  readonly #options: ScraperOptions;
  /**
   * Memory of an answer that has been sent. New memory would be fetched from the system page by
   * page, which takes longer than to write the text into it.
   */
  #memory: ArrayBufferLike | undefined;
  #running: Promise<(format: Format) => Answer> | undefined;

  constructor(options: ScraperOptions) {
    this.#options = options;
  }

  /**
   * @throws {Error} when the reader is not in use, has been shut down, or does not keep its own
   * deadline.
   */
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
      const answer = this.#write(metrics, format);
      answers.set(format, answer);
      return answer;
    };
  }

  #write(metrics: ResourceMetrics, format: Format): Answer {
    const { maxBytes, onDrop, translation } = this.#options;
    const options = { format, translation, maxBytes, onDrop };
    // Protobuf is written into memory that is not its own.
    if (format.syntax === 'protobuf') return new Answer(writeExposition(metrics, options));
    const body = writeExposition(metrics, { ...options, memory: this.#memory });
    this.#memory = undefined;
    return new Answer(body, () => {
      this.#memory = body.buffer;
    });
  }
}
