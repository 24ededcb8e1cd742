// The process of a group that answers: for itself and for the members.
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { warn } from '../../sdk/diagnostics.js';
import type { MetricsSource } from '../collector.js';
import type { Scraper } from '../scrape.js';
import type { Legacy } from './legacy.js';
import type { Link } from './link.js';
import { Merge, type MergePeer } from './merge.js';
import type { LegacyMessage, Message } from './messages.js';
import { Reporter } from './reporter.js';

/** Share of the deadline that a member has for its own callbacks; the rest is for the way. */
const MEMBER_SHARE = 0.75;

export interface LeaderOptions {
  /** Label of its own gauges. */
  readonly label: string;
  /** What the leader before it left. */
  readonly legacy?: Legacy;
  /** Whether members may have to take over. */
  readonly hasHeirs?: boolean;
}

interface Member {
  readonly link: Link;
  readonly label: string;
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
  /** Its own number, and those of leaders whose legacy it has taken over. */
  readonly #reigns = new Set([1 + Math.floor(Math.random() * 2 ** 47)]);
  readonly #members = new Set<Member>();
  readonly #reporter = new Reporter();
  #ownPeer: MergePeer | undefined;
  #nextId = 1;
  /** Answers members that are scraped themselves, through a handler mounted in the app. */
  scraper: Scraper | undefined;

  constructor(own: MetricsSource, options: LeaderOptions) {
    this.#own = own;
    this.#options = options;
    if (options.legacy !== undefined) this.#inherit(options.legacy.toMessage());
  }

  /** @param label by default the lowest free number: a replacement takes the place of who ended, and the labels of gauges do not grow for ever */
  join(link: Link, label = this.#freeNumber()): void {
    const legacy = this.#options.hasHeirs === true ? new Reporter() : undefined;
    const member: Member = { link, label, legacy, peer: this.#merge.join(label), asked: undefined, answered: undefined };
    this.#members.add(member);
    link.onMessage((message) => this.#hear(member, message));
    link.onClose(() => {
      this.#members.delete(member);
      member.peer.leave();
      member.answered?.();
    });
  }

  async collect(deadlineMs: number): Promise<ResourceMetrics> {
    // Once there was a member its counts go on being answered for.
    if (this.#ownPeer === undefined && this.#members.size === 0 && this.#merge.isEmpty) return this.#own.collect(deadlineMs);
    const [own] = await Promise.all([this.#collectOwn(deadlineMs), this.#askAll(deadlineMs)]);
    void this.#bequeath(own);
    return this.#merge.toResourceMetrics(own.resource);
  }

  /** Tells the heirs what this process has counted until now. Never rejects. */
  async report(deadlineMs: number): Promise<void> {
    try {
      await this.#bequeath(await this.#collectOwn(deadlineMs));
    } catch {
      // Shut down: what they were told at the last scrape stands.
    }
  }

  async #collectOwn(deadlineMs: number): Promise<ResourceMetrics> {
    const own = await this.#own.collect(deadlineMs);
    this.#ownPeer ??= this.#merge.join(this.#options.label);
    this.#ownPeer.tell(this.#reporter.report(own));
    return own;
  }

  async #bequeath({ resource }: ResourceMetrics): Promise<void> {
    if (this.#ownPeer === undefined || this.#options.hasHeirs !== true || this.#members.size === 0) return;
    const estate = this.#merge.toLegacy(resource, this.#ownPeer);
    const reigns = [...this.#reigns];
    const sent = [...this.#members].map(
      ({ link, legacy }) => legacy && link.send({ type: 'legacy', id: 0, reigns, report: legacy.report(estate) }),
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
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, deadlineMs).unref();
    });
    const answers = [...this.#members].map((member) => this.#ask(member, deadlineMs * MEMBER_SHARE));
    await Promise.race([Promise.all(answers), late]);
    clearTimeout(timer);
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
      if (message.type === 'legacy') this.#inherit(message);
      if (message.type === 'report') this.#count(member, message);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      warn({ code: 'SIETCH024', message: `metrics endpoint: process ${member.label} sent what cannot be read: ${reason}` });
    }
  }

  #count(member: Member, { id, report }: Extract<Message, { type: 'report' }>): void {
    if (id === member.asked) {
      member.asked = undefined;
      member.answered?.();
    }
    member.peer.tell(report);
    if (id === 0) void member.link.send({ type: 'heard', id });
  }

  #inherit({ reigns, report }: LegacyMessage): void {
    if (reigns.some((reign) => this.#reigns.has(reign))) return;
    for (const reign of reigns) this.#reigns.add(reign);
    const peer = this.#merge.join('legacy');
    peer.tell(report);
    peer.leave();
  }

  #scrapeFor({ link }: Member, { id, format }: Extract<Message, { type: 'scrape' }>): void {
    this.scraper?.scrape(format).then(
      ({ body }) => link.send({ type: 'scraped', id, text: body.toString() }),
      // It stops to wait by itself.
      () => {},
    );
  }
}
