// The primary of node:cluster: answers for itself and its workers.
import type { ChildProcess } from 'node:child_process';
import type { Cluster, Worker } from 'node:cluster';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { warn } from '../../sdk/diagnostics.js';
import type { MetricsSource } from '../collector.js';
import type { Scraper } from '../scrape.js';
import { Merge, type MergePeer } from './merge.js';
import { envelope, type Message, readMessage } from './messages.js';
import { Reporter } from './reporter.js';

/** Share of the deadline that a worker has for its own callbacks; the rest is for the way. */
const WORKER_SHARE = 0.75;

interface Member {
  readonly process: ChildProcess;
  readonly peer: MergePeer;
  readonly slot: number;
  /** Id of the question it has not answered yet. While there is one no other is asked: a stopped process must not pile them up. */
  asked: number | undefined;
  answered: (() => void) | undefined;
}

export class PrimaryMetrics implements MetricsSource {
  readonly #own: MetricsSource;
  readonly #merge = new Merge();
  readonly #members = new Map<ChildProcess, Member>();
  readonly #reporter = new Reporter();
  #ownPeer: MergePeer | undefined;
  #nextId = 1;
  /** Answers workers that are scraped themselves, through a handler mounted in the app. */
  scraper: Scraper | undefined;

  constructor(own: MetricsSource) {
    this.#own = own;
  }

  /** Follows the workers there are and will be. */
  follow(cluster: Cluster): void {
    cluster.on('fork', (worker) => this.#add(worker));
    for (const worker of Object.values(cluster.workers ?? {})) if (worker !== undefined) this.#add(worker);
  }

  async collect(deadlineMs: number): Promise<ResourceMetrics> {
    // Once there was a worker its counts go on being answered for.
    if (this.#ownPeer === undefined && this.#members.size === 0) return this.#own.collect(deadlineMs);
    this.#ownPeer ??= this.#merge.join('primary');
    const [own] = await Promise.all([this.#own.collect(deadlineMs), this.#askAll(deadlineMs)]);
    this.#ownPeer.tell(this.#reporter.report(own));
    return this.#merge.toResourceMetrics(own.resource);
  }

  #add(worker: Worker): void {
    const { process } = worker;
    if (this.#members.has(process) || !process.connected) return;
    const slot = this.#freeSlot();
    const member: Member = { process, slot, peer: this.#merge.join(String(slot)), asked: undefined, answered: undefined };
    this.#members.set(process, member);
    process.on('internalMessage', (received: unknown) => this.#hear(member, received));
    // Comes after the last message.
    process.once('disconnect', () => {
      this.#members.delete(process);
      member.peer.leave();
      member.answered?.();
    });
  }

  /** A replacement takes the place of who ended: labels of gauges do not grow for ever. */
  #freeSlot(): number {
    const taken = new Set([...this.#members.values()].map(({ slot }) => slot));
    let slot = 1;
    while (taken.has(slot)) slot++;
    return slot;
  }

  async #askAll(deadlineMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, deadlineMs).unref();
    });
    const answers = [...this.#members.values()].map((member) => this.#ask(member, deadlineMs * WORKER_SHARE));
    await Promise.race([Promise.all(answers), late]);
    clearTimeout(timer);
  }

  #ask(member: Member, deadlineMs: number): Promise<void> | undefined {
    if (member.asked !== undefined) return undefined;
    const id = this.#nextId++;
    member.asked = id;
    send(member.process, { type: 'ask', id, deadlineMs });
    return new Promise((resolve) => {
      member.answered = resolve;
    });
  }

  #hear(member: Member, received: unknown): void {
    const message = readMessage(received);
    if (message?.type === 'scrape') this.#scrapeFor(member, message);
    if (message?.type !== 'report') return;
    try {
      member.peer.tell(message.report);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      warn({ code: 'SIETCH024', message: `metrics endpoint: worker ${member.slot} sent what cannot be read: ${reason}` });
    }
    if (message.id !== member.asked) return;
    member.asked = undefined;
    member.answered?.();
  }

  #scrapeFor(member: Member, { id, format }: Extract<Message, { type: 'scrape' }>): void {
    this.scraper?.scrape(format).then(
      ({ body }) => send(member.process, { type: 'scraped', id, text: body.toString() }),
      // It stops to wait by itself.
      () => {},
    );
  }
}

function send(process: ChildProcess, message: Message): void {
  if (process.connected) process.send(envelope(message), undefined, undefined, () => {});
}
