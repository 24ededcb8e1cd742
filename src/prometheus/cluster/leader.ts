// The process of a group that answers scrapes: for itself and for its followers.
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { warn } from '../../diagnose/diagnostics.js';
import { withHardDeadline } from '../../node/deadline.js';
import type { Collector, MetricsSource } from '../collector.js';
import type { OnDrop } from '../family-groups.js';
import type { Format } from '../format.js';
import type { Translation } from '../naming.js';
import { type Answer, Scraper } from '../scrape.js';
import { CounterHandoff, type CounterSnapshot } from './counter-handoff.js';
import { FollowerSession } from './follower-session.js';
import type { Link } from './link.js';
import { type MergedProcess, MetricMerge } from './merge.js';
import type { Message } from './messages.js';
import { ReportWriter } from './report-writer.js';

/** Share of the deadline that a follower has for its own callbacks; the rest is for transit. */
const FOLLOWER_SHARE = 0.75;
/**
 * Time in which a new leader waits for the followers of the one before it, until it answers without
 * them.
 */
const MAX_JOIN_MS = 1_000;

export interface LeaderOptions {
  /** Label of its own gauges. */
  readonly label: string;
  readonly deadlineMs: number;
  readonly maxBytes: number;
  readonly translation: Translation;
  /** For a leader that was elected: one of its followers leads when it ends. */
  readonly elected?: {
    /** The random number of this process. */
    readonly number: number;
    /** Snapshot of the leader before it. */
    readonly snapshot: CounterSnapshot | undefined;
  };
}

export class Leader implements MetricsSource {
  readonly #own: Collector;
  readonly #options: LeaderOptions;
  readonly #scraper: Scraper;
  readonly #merge = new MetricMerge();
  readonly #handoff = new CounterHandoff(this.#merge);
  readonly #followers = new Set<FollowerSession>();
  readonly #reports = new ReportWriter();
  /**
   * Numbers of the processes that followed the leader before it and have not joined this one yet.
   */
  readonly #awaited: Set<number>;
  readonly #ledSince = performance.now();
  /**
   * Its own counts are in the snapshot: it sent them to the leader before it as its last, and no
   * acknowledgement arrived.
   */
  readonly #isOwnInSnapshot: boolean;
  #ownProcess: MergedProcess | undefined;
  #onJoin = (): void => {};
  #nextJoin: Promise<void>;

  constructor(own: Collector, options: LeaderOptions) {
    this.#own = own;
    this.#options = options;
    const { deadlineMs, maxBytes, translation, elected } = options;
    const onDrop: OnDrop = (...drop) => own.selfMetrics.countDropped(...drop);
    this.#scraper = new Scraper({ deadlineMs, maxBytes, translation, source: this, onDrop });
    this.#nextJoin = this.#untilJoin();
    const snapshot = elected?.snapshot?.toMessage();
    if (snapshot !== undefined) this.#handoff.apply(snapshot);
    this.#awaited = new Set(snapshot?.followers.filter((number) => number !== elected?.number));
    this.#isOwnInSnapshot = this.#handoff.has(elected?.number);
    this.#handoff.add(elected?.number);
  }

  /**
   * Adds a follower.
   * @param label by default the lowest free number: a replacement takes the label of the process
   * that ended, so that gauges do not get new series with each
   */
  accept(link: Link, label = this.#freeNumber(), number?: number): void {
    const follower = new FollowerSession(link, this.#merge.add(label), number);
    this.#followers.add(follower);
    link.onMessage((message) => this.#receive(follower, message));
    link.onClose(() => this.#remove(follower));
    void this.#sendSnapshot([follower]);
    if (number !== undefined) this.#awaited.delete(number);
    this.#onJoin();
    this.#nextJoin = this.#untilJoin();
  }

  #untilJoin(): Promise<void> {
    return new Promise((resolve) => {
      this.#onJoin = resolve;
    });
  }

  #remove(follower: FollowerSession): void {
    this.#followers.delete(follower);
    this.#handoff.included.delete(follower.process);
    follower.process.retire();
    follower.stopWaiting();
    this.#handoff.add(follower.number);
    // Should this process end next, no other has the counts.
    void this.#sendSnapshot();
  }

  scrape(format: Format): Promise<Answer> {
    return this.#scraper.scrape(format);
  }

  /**
   * Collects the group; this process alone, with the labels it has alone, until there has been a
   * follower or a snapshot.
   */
  async collect(deadlineMs: number): Promise<ResourceMetrics> {
    if (this.#ownProcess === undefined && this.#followers.size === 0 && this.#merge.isEmpty) return this.#own.collect(deadlineMs);
    await this.#awaitFollowers(this.#ledSince + MAX_JOIN_MS - performance.now());
    const [own] = await Promise.all([this.#collectOwn(deadlineMs), this.#requestReports(deadlineMs)]);
    void this.#sendSnapshot();
    return this.#merge.toResourceMetrics(own.resource);
  }

  /**
   * Sends what this process has counted to its followers; with a snapshot from the leader before it
   * and no follower yet, it waits for the first. Never rejects.
   * @returns true: there is no other process to report to
   */
  async report(deadlineMs: number): Promise<true> {
    try {
      await this.#collectOwn(deadlineMs);
      if (this.#options.elected?.snapshot !== undefined && this.#followers.size === 0) await settled(this.#nextJoin, deadlineMs);
      await this.#sendSnapshot();
    } catch {
      // The reader is shut down: the snapshot of the last scrape stands.
    }
    return true;
  }

  /**
   * Waits for the followers of the leader before this one: without their counts the sums would
   * fall.
   */
  async #awaitFollowers(deadlineMs: number): Promise<void> {
    while (this.#awaited.size > 0 && deadlineMs > 0) {
      const since = performance.now();
      await settled(this.#nextJoin, deadlineMs);
      deadlineMs -= performance.now() - since;
    }
  }

  async #collectOwn(deadlineMs: number): Promise<ResourceMetrics> {
    const own = await this.#own.collect(deadlineMs);
    if (this.#isOwnInSnapshot) return own;
    this.#ownProcess ??= this.#merge.add(this.#options.label);
    this.#handoff.included.add(this.#ownProcess);
    this.#ownProcess.apply(this.#reports.write(own));
    return own;
  }

  async #requestReports(deadlineMs: number): Promise<void> {
    const reports = [...this.#followers].map((follower) => follower.requestReport(deadlineMs * FOLLOWER_SHARE));
    await settled(Promise.all(reports), deadlineMs);
  }

  async #sendSnapshot(receivers: Iterable<FollowerSession> = this.#followers): Promise<void> {
    if (this.#options.elected === undefined || this.#followers.size === 0) return;
    const { counted, included } = this.#handoff;
    const metrics = this.#merge.toCounterSnapshot(included);
    const followers = [...this.#followers].flatMap(({ process, number }) => (number === undefined || included.has(process) ? [] : number));
    const sent = [...receivers].map(({ link, snapshots }) =>
      link.send({ type: 'snapshot', id: 0, counted, followers, report: snapshots.write(metrics) }),
    );
    await Promise.all(sent);
  }

  #freeNumber(): string {
    const taken = new Set([...this.#followers].map(({ label }) => label));
    let number = 1;
    while (taken.has(String(number))) number++;
    return String(number);
  }

  #receive(follower: FollowerSession, message: Message): void {
    try {
      if (message.type === 'scrape') this.#answerScrape(follower, message);
      if (message.type === 'snapshot') this.#handoff.apply(message);
      if (message.type === 'report') this.#applyReport(follower, message);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      warn('SIETCH024', `process ${follower.label}: ${reason}`);
    }
  }

  #applyReport(follower: FollowerSession, { id, report }: Extract<Message, { type: 'report' }>): void {
    follower.countAnswer(id);
    // The last report to an earlier leader is in the snapshot of that one.
    const isInSnapshot = this.#handoff.has(follower.number) && !this.#handoff.included.has(follower.process);
    if (!isInSnapshot) follower.process.apply(report);
    if (id === 0) void this.#acknowledge(follower, isInSnapshot);
  }

  /** Takes the last counts of a follower into the snapshot before it learns that it may end. */
  async #acknowledge({ link, process, number }: FollowerSession, isInSnapshot: boolean): Promise<void> {
    if (!isInSnapshot) {
      this.#handoff.included.add(process);
      this.#handoff.add(number);
      await this.#sendSnapshot();
    }
    await link.send({ type: 'ack', id: 0 });
  }

  #answerScrape({ link }: FollowerSession, { id, format }: Extract<Message, { type: 'scrape' }>): void {
    this.scrape(format).then(
      ({ body }) => link.send({ type: 'answer', id, body: body.toString('base64') }),
      // The follower has a deadline of its own.
      () => {},
    );
  }
}

/** Resolves when the promise does, or after `ms`. */
async function settled(promise: Promise<unknown>, ms: number): Promise<void> {
  await withHardDeadline(promise, ms).catch(() => {});
}
