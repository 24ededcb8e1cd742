// The process of a group that answers: for itself and for the members.
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { warn } from '../../diagnose/diagnostics.js';
import { withHardDeadline } from '../../node/deadline.js';
import type { MetricsSource } from '../collector.js';
import type { Scraper } from '../scrape.js';
import { Inheritance } from './counter-handoff.js';
import type { Legacy } from './counter-snapshot.js';
import type { Link } from './link.js';
import { Merge, type MergePeer } from './merge.js';
import type { Message } from './messages.js';
import { Reporter } from './reporter.js';

/** Share of the deadline that a member has for its own callbacks; the rest is for the way. */
const MEMBER_SHARE = 0.75;
/** How long a new leader waits for the members of the old one before it answers. */
const MAX_JOIN_MS = 1_000;

export interface LeaderOptions {
  /** Label of its own gauges. */
  readonly label: string;
  /** The number that this process has chosen. */
  readonly number?: number;
  /** What the leader before it left. */
  readonly legacy?: Legacy;
  /** Whether members may have to take over. */
  readonly hasHeirs?: boolean;
}

interface Member {
  readonly link: Link;
  readonly label: string;
  readonly number: number | undefined;
  readonly peer: MergePeer;
  readonly legacy: Reporter | undefined;
  /** Id of the question it has not answered yet. While there is one no other is asked: a stopped process must not pile them up. */
  asked: number | undefined;
  answered: (() => void) | undefined;
}

export class Leader implements MetricsSource {
  readonly #own: MetricsSource;
  readonly #options: LeaderOptions;
  readonly #merge = new Merge();
  readonly #inheritance = new Inheritance(this.#merge);
  readonly #members = new Set<Member>();
  readonly #reporter = new Reporter();
  /** Members of the leader before it that have not come to it yet. */
  readonly #awaited: Set<number>;
  readonly #ledSince = performance.now();
  /** It had told the leader before it its last counts, and never heard that they arrived. */
  readonly #isOwnCounted: boolean;
  #ownPeer: MergePeer | undefined;
  #joined = (): void => {};
  #joining: Promise<void>;
  #nextId = 1;
  /** Answers members that are scraped themselves, through a handler mounted in the app. */
  scraper: Scraper | undefined;

  constructor(own: MetricsSource, options: LeaderOptions) {
    this.#own = own;
    this.#options = options;
    this.#joining = new Promise((resolve) => {
      this.#joined = resolve;
    });
    const legacy = options.legacy?.toMessage();
    if (legacy !== undefined) this.#inheritance.take(legacy);
    this.#awaited = new Set(legacy?.members.filter((number) => number !== options.number));
    this.#isOwnCounted = this.#inheritance.has(options.number);
    this.#inheritance.add(options.number);
  }

  /** @param label by default the lowest free number: a replacement takes the place of who ended, and the labels of gauges do not grow for ever */
  join(link: Link, label = this.#freeNumber(), number?: number): void {
    const legacy = this.#options.hasHeirs === true ? new Reporter() : undefined;
    const member: Member = { link, label, number, legacy, peer: this.#merge.join(label), asked: undefined, answered: undefined };
    this.#members.add(member);
    link.onMessage((message) => this.#hear(member, message));
    link.onClose(() => this.#partWith(member));
    void this.#bequeath([member]);
    if (number !== undefined) this.#awaited.delete(number);
    this.#joined();
    this.#joining = new Promise((resolve) => {
      this.#joined = resolve;
    });
  }

  #partWith(member: Member): void {
    this.#members.delete(member);
    this.#inheritance.ending.delete(member.peer);
    member.peer.leave();
    member.answered?.();
    this.#inheritance.add(member.number);
    // Should this process end next, nobody else would know.
    void this.#bequeath();
  }

  async collect(deadlineMs: number): Promise<ResourceMetrics> {
    // Once there was a member its counts go on being answered for.
    if (this.#ownPeer === undefined && this.#members.size === 0 && this.#merge.isEmpty) return this.#own.collect(deadlineMs);
    await this.#allJoin(this.#ledSince + MAX_JOIN_MS - performance.now());
    const [own] = await Promise.all([this.#collectOwn(deadlineMs), this.#askAll(deadlineMs)]);
    void this.#bequeath();
    return this.#merge.toResourceMetrics(own.resource);
  }

  /**
   * Tells the heirs what this process has counted until now; where it has inherited and nobody has come to it yet, it waits for the first. Never rejects.
   * @returns whether there is nobody else to tell
   */
  async report(deadlineMs: number): Promise<true> {
    try {
      await this.#collectOwn(deadlineMs);
      if (this.#options.legacy !== undefined && this.#members.size === 0) await withHardDeadline(this.#joining, deadlineMs).catch(() => {});
      await this.#bequeath();
    } catch {
      // Shut down: what they were told at the last scrape stands.
    }
    return true;
  }

  /** Until those that followed the leader before it follow this one: counts would fall without theirs. */
  async #allJoin(deadlineMs: number): Promise<void> {
    while (this.#awaited.size > 0 && deadlineMs > 0) {
      const since = performance.now();
      await withHardDeadline(this.#joining, deadlineMs).catch(() => {});
      deadlineMs -= performance.now() - since;
    }
  }

  async #collectOwn(deadlineMs: number): Promise<ResourceMetrics> {
    const own = await this.#own.collect(deadlineMs);
    if (this.#isOwnCounted) return own;
    this.#ownPeer ??= this.#merge.join(this.#options.label);
    this.#inheritance.ending.add(this.#ownPeer);
    this.#ownPeer.tell(this.#reporter.report(own));
    return own;
  }

  async #bequeath(heirs: Iterable<Member> = this.#members): Promise<void> {
    if (this.#options.hasHeirs !== true || this.#members.size === 0) return;
    const estate = this.#merge.toLegacy(this.#inheritance.ending);
    const { counted } = this.#inheritance;
    const members = [...this.#members].flatMap(({ peer, number }) =>
      number === undefined || this.#inheritance.ending.has(peer) ? [] : number,
    );
    const sent = [...heirs].map(
      ({ link, legacy }) => legacy && link.send({ type: 'legacy', id: 0, counted, members, report: legacy.report(estate) }),
    );
    await Promise.all(sent);
  }

  #freeNumber(): string {
    const taken = new Set([...this.#members].map(({ label }) => label));
    let number = 1;
    while (taken.has(String(number))) number++;
    return String(number);
  }

  async #askAll(deadlineMs: number): Promise<void> {
    const answers = [...this.#members].map((member) => this.#ask(member, deadlineMs * MEMBER_SHARE));
    await withHardDeadline(Promise.all(answers), deadlineMs).catch(() => {});
  }

  #ask(member: Member, deadlineMs: number): Promise<void> | undefined {
    if (member.asked !== undefined) return undefined;
    const id = this.#nextId++;
    member.asked = id;
    void member.link.send({ type: 'ask', id, deadlineMs });
    return new Promise((resolve) => {
      member.answered = resolve;
    });
  }

  #hear(member: Member, message: Message): void {
    try {
      if (message.type === 'scrape') this.#scrapeFor(member, message);
      if (message.type === 'legacy') this.#inheritance.take(message);
      if (message.type === 'report') this.#take(member, message);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      warn({ code: 'SIETCH024', message: `metrics endpoint: process ${member.label} sent what cannot be read: ${reason}` });
    }
  }

  #take(member: Member, { id, report }: Extract<Message, { type: 'report' }>): void {
    if (id === member.asked) {
      member.asked = undefined;
      member.answered?.();
    }
    // One whose last words an earlier leader has heard is in the legacy of that.
    const isCounted = this.#inheritance.has(member.number) && !this.#inheritance.ending.has(member.peer);
    if (!isCounted) member.peer.tell(report);
    if (id === 0) void this.#hearLast(member, isCounted);
  }

  async #hearLast(member: Member, isCounted: boolean): Promise<void> {
    if (!isCounted) {
      this.#inheritance.ending.add(member.peer);
      this.#inheritance.add(member.number);
      await this.#bequeath();
    }
    await member.link.send({ type: 'heard', id: 0 });
  }

  #scrapeFor({ link }: Member, { id, format }: Extract<Message, { type: 'scrape' }>): void {
    this.scraper?.scrape(format).then(
      ({ body }) => link.send({ type: 'scraped', id, text: body.toString() }),
      // It stops to wait by itself.
      () => {},
    );
  }
}
