// A process of a group that does not answer itself: it tells the leader what it counts, and passes scrapes on to it.
import type { MetricsSource } from '../collector.js';
import type { Format } from '../exposition.js';
import { Answer } from '../scrape.js';
import { Legacy } from './counter-snapshot.js';
import type { Link } from './link.js';
import type { Message } from './messages.js';
import { Reporter } from './reporter.js';

/** Id of a report that nobody asked for. */
const UNASKED = 0;
/** How long a last report and its acknowledgement may be under way. */
const MAX_WAY_MS = 500;

export class Member {
  readonly #source: MetricsSource;
  readonly #deadlineMs: number;
  readonly #link: Link;
  readonly #reporter = new Reporter();
  readonly #waiting = new Map<number, (text: string) => void>();
  #nextId = 1;
  /** Reports go out in the order in which they were made. */
  #reporting: Promise<void> = Promise.resolve();
  #legacy: Legacy | undefined;
  #heard: ((isCounted: boolean) => void) | undefined;

  constructor(source: MetricsSource, link: Link, deadlineMs: number) {
    this.#source = source;
    this.#link = link;
    this.#deadlineMs = deadlineMs;
    link.onMessage((message) => this.#hear(message));
    link.onClose(() => this.#heard?.(false));
  }

  /** When the leader has gone: what it told must go on being counted. */
  inherit(): Legacy | undefined {
    return this.#legacy;
  }

  /** Tells the leader unasked, as at the end; resolves when that has counted it. Never rejects. @returns false when the leader has gone before */
  async report(deadlineMs: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const heard = new Promise<boolean>((resolve) => {
      this.#heard = resolve;
      timer = setTimeout(() => resolve(true), deadlineMs + MAX_WAY_MS).unref();
    });
    await this.#tell(deadlineMs, UNASKED);
    const isCounted = await heard;
    clearTimeout(timer);
    return isCounted;
  }

  #tell(deadlineMs: number, id: number): Promise<void> {
    this.#reporting = this.#reporting.then(async () => {
      try {
        const report = this.#reporter.report(await this.#source.collect(deadlineMs));
        await this.#link.send({ type: 'report', id, report });
      } catch {
        // Shut down: the last report stands, there is nothing to wait for.
        this.#heard?.(true);
      }
    });
    return this.#reporting;
  }

  /**
   * What the leader answers a scraper, for the whole group.
   * @throws {Error} when it does not answer in time.
   */
  scrape(format: Format): Promise<Answer> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        settle();
      };
      const giveUp = () => end(() => reject(new Error('the process that answers for the group does not answer')));
      const timer = setTimeout(giveUp, this.#deadlineMs * 2).unref();
      this.#waiting.set(id, (text) => end(() => resolve(new Answer(Buffer.from(text)))));
      void this.#link.send({ type: 'scrape', id, format });
    });
  }

  #hear(message: Message): void {
    switch (message.type) {
      case 'ask':
        void this.#tell(message.deadlineMs, message.id);
        return;
      case 'heard':
        this.#heard?.(true);
        return;
      case 'scraped':
        this.#waiting.get(message.id)?.(message.text);
        return;
      case 'legacy':
        try {
          this.#legacy ??= new Legacy();
          this.#legacy.tell(message);
        } catch {
          // Of another version: what was told before stands.
        }
        return;
      default:
    }
  }
}
