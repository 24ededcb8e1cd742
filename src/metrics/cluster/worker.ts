// A worker of node:cluster: does not listen itself, tells its primary what it counts, and passes scrapes on to it.

import { listenUnseen } from '../../sdk/unseen-listeners.js';
import type { MetricsSource } from '../collector.js';
import type { Format } from '../exposition.js';
import { type Answer, createAnswer } from '../scrape.js';
import { envelope, type Message, readMessage } from './messages.js';
import { Reporter } from './reporter.js';

export class WorkerMetrics {
  readonly #source: MetricsSource;
  readonly #deadlineMs: number;
  readonly #reporter = new Reporter();
  readonly #waiting = new Map<number, (text: string) => void>();
  #nextId = 1;
  /** Reports go out in the order in which they were made. */
  #reporting: Promise<void> = Promise.resolve();

  constructor(source: MetricsSource, deadlineMs: number) {
    this.#source = source;
    this.#deadlineMs = deadlineMs;
  }

  listen(): void {
    listenUnseen('internalMessage', (received: unknown) => {
      const message = readMessage(received);
      if (message?.type === 'ask') void this.report(message.deadlineMs, message.id);
      if (message?.type === 'scraped') this.#waiting.get(message.id)?.(message.text);
    });
  }

  /** Tells the primary; id 0 is for a report that was not asked for, as at the end. Never rejects. */
  report(deadlineMs: number, id = 0): Promise<void> {
    this.#reporting = this.#reporting.then(async () => {
      try {
        const report = this.#reporter.report(await this.#source.collect(deadlineMs));
        await send({ type: 'report', id, report });
      } catch {
        // Shut down, or the primary has gone: its last report stands.
      }
    });
    return this.#reporting;
  }

  /**
   * What the primary answers a scraper, for the whole cluster.
   * @throws {Error} when it does not answer in time.
   */
  scrape(format: Format): Promise<Answer> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => end(() => reject(new Error('the primary of the cluster does not answer'))),
        this.#deadlineMs * 2,
      ).unref();
      const end = (settle: () => void) => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        settle();
      };
      this.#waiting.set(id, (text) => end(() => resolve(createAnswer(Buffer.from(text)))));
      void send({ type: 'scrape', id, format });
    });
  }
}

/** Resolves when it is on its way, or cannot be sent. */
function send(message: Message): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    else process.send(envelope(message), undefined, undefined, () => resolve());
  });
}
