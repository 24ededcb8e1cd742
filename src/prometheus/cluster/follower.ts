// A process of a group that does not answer scrapes itself: it reports to the leader, and forwards
// to it the scrapes that come through a handler mounted in the app.
import { withHardDeadline } from '../../node/deadline.js';
import type { MetricsSource } from '../collector.js';
import type { Format } from '../format.js';
import { Answer } from '../scrape.js';
import { CounterSnapshot } from './counter-handoff.js';
import type { Link } from './link.js';
import type { Message } from './messages.js';
import { ReportWriter } from './report-writer.js';

/** Id of a report that was not requested. */
const UNREQUESTED = 0;
/** Time in transit for a last report and its acknowledgement. */
const MAX_TRANSIT_MS = 500;

export class Follower {
  readonly #source: MetricsSource;
  readonly #deadlineMs: number;
  readonly #link: Link;
  readonly #reports = new ReportWriter();
  readonly #scrapes = new Map<number, (body: string) => void>();
  /** Resolves when the leader has gone. */
  readonly closed: Promise<void>;
  #nextId = 1;
  /** Reports go out in the order in which they were made. */
  #reporting: Promise<void> = Promise.resolve();
  #snapshot: CounterSnapshot | undefined;
  #acknowledge: ((isCounted: boolean) => void) | undefined;

  constructor(source: MetricsSource, link: Link, deadlineMs: number) {
    this.#source = source;
    this.#link = link;
    this.#deadlineMs = deadlineMs;
    this.closed = new Promise((resolve) => link.onClose(resolve));
    link.onMessage((message) => this.#receive(message));
    link.onClose(() => this.#acknowledge?.(false));
  }

  /** The counters that the next leader must keep adding. */
  get snapshot(): CounterSnapshot | undefined {
    return this.#snapshot;
  }

  /** Introduces this process to a leader that did not start it. */
  async join(number: number, label: string, snapshot: CounterSnapshot | undefined): Promise<void> {
    await this.#link.send({ type: 'join', id: number, label });
    // This leader may have started after the last one ended, without its snapshot.
    if (snapshot !== undefined) await this.#link.send(snapshot.toMessage());
  }

  /**
   * Reports without a request, as at the end; resolves when the leader has counted it. Never
   * rejects.
   * @returns false when the leader has gone before
   */
  async report(deadlineMs: number): Promise<boolean> {
    const acknowledged = new Promise<boolean>((resolve) => {
      this.#acknowledge = resolve;
    });
    const isCounted = withHardDeadline(acknowledged, deadlineMs + MAX_TRANSIT_MS).catch(() => true);
    await this.#report(deadlineMs, UNREQUESTED);
    return isCounted;
  }

  #report(deadlineMs: number, id: number): Promise<void> {
    this.#reporting = this.#reporting.then(async () => {
      try {
        const report = this.#reports.write(await this.#source.collect(deadlineMs));
        await this.#link.send({ type: 'report', id, report });
      } catch {
        // The reader is shut down: the last report stands, there is nothing to wait for.
        this.#acknowledge?.(true);
      }
    });
    return this.#reporting;
  }

  /**
   * The leader's answer to a scrape, for the whole group.
   * @throws {Error} when it does not come in time.
   */
  scrape(format: Format): Promise<Answer> {
    const id = this.#nextId++;
    const ms = this.#deadlineMs * 2;
    const answer = new Promise<Answer>((resolve) => {
      this.#scrapes.set(id, (body) => resolve(new Answer(Buffer.from(body, 'base64'))));
    });
    void this.#link.send({ type: 'scrape', id, format });
    return withHardDeadline(answer, ms)
      .catch(() => Promise.reject(new Error(`the process that leads the group did not answer within ${ms} ms`)))
      .finally(() => this.#scrapes.delete(id));
  }

  #receive(message: Message): void {
    switch (message.type) {
      case 'collect':
        void this.#report(message.deadlineMs, message.id);
        return;
      case 'ack':
        this.#acknowledge?.(true);
        return;
      case 'answer':
        this.#scrapes.get(message.id)?.(message.body);
        return;
      case 'snapshot':
        try {
          this.#snapshot ??= new CounterSnapshot();
          this.#snapshot.update(message);
        } catch {
          // From another version of this package: the snapshot before it stands.
        }
        return;
      default:
    }
  }
}
