// One scrape: collect within the deadline, write once for each format. Scrapes that come at the same time share the work.
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { context } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import type { IMetricReader, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { ExemplarStore } from './exemplars.js';
import { type Format, writeExposition } from './exposition.js';
import { SelfMetrics } from './self-metrics.js';

export interface ScraperOptions {
  readonly reader: Pick<IMetricReader, 'collect'>;
  /** Callbacks that take longer are left out. */
  readonly deadlineMs: number;
  readonly maxBytes: number;
  readonly exemplars?: ExemplarStore | undefined;
}

/** The answer to a scrape, before any compression. */
export interface Answer {
  readonly body: Buffer;
  /** The same, compressed in a thread of the pool: once, however many ask. */
  gzipped(): Promise<Buffer>;
}

/** Time the collection may take past its deadline before the scrape gives up on it: metric producers of others need not keep it. */
const GRACE_MS = 250;
const compress = promisify(gzip);

export class Scraper {
  readonly #options: ScraperOptions;
  #running: Promise<(format: Format) => Answer> | undefined;
  #selfMetrics: SelfMetrics | undefined;

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
    const { reader, deadlineMs } = this.#options;
    this.#selfMetrics ??= new SelfMetrics();
    // What callbacks ask of databases is no part of any trace.
    const collecting = context.with(suppressTracing(context.active()), () => reader.collect({ timeoutMillis: deadlineMs }));
    const { resourceMetrics, errors } = await within(deadlineMs + GRACE_MS, collecting);
    this.#selfMetrics.countFailures(errors);
    await resourceSettled(resourceMetrics, deadlineMs);
    return this.#writer(resourceMetrics);
  }

  #writer(metrics: ResourceMetrics): (format: Format) => Answer {
    const answers = new Map<Format, Answer>();
    return (format) => {
      const known = answers.get(format);
      if (known !== undefined) return known;
      const { maxBytes: maxLength, exemplars } = this.#options;
      const onDrop: SelfMetrics['countDropped'] = (reason, name) => this.#selfMetrics?.countDropped(reason, name);
      const answer = createAnswer(Buffer.from(writeExposition(metrics, { format, maxLength, exemplars, onDrop })));
      answers.set(format, answer);
      return answer;
    };
  }
}

/** Detectors that ask the network for attributes may be under way at the first scrape, and never end. */
async function resourceSettled({ resource }: ResourceMetrics, deadlineMs: number): Promise<void> {
  if (!resource.asyncAttributesPending || resource.waitForAsyncAttributes === undefined) return;
  await within(deadlineMs, resource.waitForAsyncAttributes()).catch(() => {});
}

function createAnswer(body: Buffer): Answer {
  let compressed: Promise<Buffer> | undefined;
  return {
    body,
    gzipped: () => {
      compressed ??= compress(body, { level: constants.Z_BEST_SPEED });
      return compressed;
    },
  };
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`collection took longer than ${ms} ms`)), ms).unref();
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
