// Scrapes the Prometheus endpoints of apps into a store, as long as the viewer runs.

import { setTimeout as pause } from 'node:timers/promises';
import { readPrometheusText } from './prometheus-text.js';
import type { Metric } from './telemetry.js';

export interface ScrapedEndpoint {
  readonly url: string;
  /** Why the last scrape failed. */
  error?: string;
}

const INTERVAL_MS = 5_000;
const TIMEOUT_MS = 4_000;
const MAX_ANSWER_BYTES = 10 * 1024 * 1024;
/** OpenMetrics has exemplars. */
const ACCEPT = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5';

export class Scraper {
  readonly endpoints: readonly ScrapedEndpoint[];
  readonly #add: (metrics: Metric[]) => void;
  readonly #stopped = new AbortController();

  constructor(urls: readonly string[], add: (metrics: Metric[]) => void) {
    this.endpoints = urls.map((url) => ({ url }));
    this.#add = add;
  }

  start(): void {
    for (const endpoint of this.endpoints) this.#scrapeAgain(endpoint).catch(() => {});
  }

  stop(): void {
    this.#stopped.abort();
  }

  async #scrapeAgain(endpoint: ScrapedEndpoint): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      try {
        this.#add(await this.#scrape(endpoint.url));
        delete endpoint.error;
      } catch (error) {
        endpoint.error = describe(error);
      }
      await pause(INTERVAL_MS, undefined, { signal: this.#stopped.signal, ref: false });
    }
  }

  async #scrape(url: string): Promise<Metric[]> {
    const response = await fetch(url, { headers: { accept: ACCEPT }, signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!response.ok) throw new Error(`it answered ${response.status}`);
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of response.body ?? []) {
      length += chunk.length;
      if (length > MAX_ANSWER_BYTES) throw new Error(`its answer is larger than ${MAX_ANSWER_BYTES} bytes`);
      chunks.push(chunk);
    }
    return readPrometheusText(Buffer.concat(chunks).toString('utf8'), BigInt(Date.now()) * 1_000_000n, new URL(url).host);
  }
}

function describe(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return 'it failed';
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message.slice(0, 200);
}
