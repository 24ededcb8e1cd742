// The processes of one PM2 application. Their parent is PM2 and none of ours, so they choose: whoever gets the port answers for all, the others tell it
// what they count, and when it ends the next one gets the port, with what must go on being counted.
import type { Server } from 'node:net';
import { warn } from '../../diagnose/diagnostics.js';
import type { Pm2Process } from '../../sdk/resource/pm2.js';
import type { Collector } from '../collector.js';
import { type Site, sayNotListening } from '../endpoint.js';
import type { Scrapable } from '../handler.js';
import type { RequestHandler } from '../mounted-handler.js';
import { Scraper } from '../scrape.js';
import { type ListeningServer, listen, metricsUrl } from '../server.js';
import type { Legacy } from './counter-snapshot.js';
import { goToRendezvous, openRendezvous, rendezvousPath } from './election.js';
import type { Group, GroupSettings } from './group.js';
import { Leader } from './leader.js';
import { Member } from './member.js';
import { linkOver } from './socket-link.js';

const RETRY_MS = 500;
/** For whoever knows what must go on being counted: the port is free again a moment after the leader has gone. */
const HEIR_RETRY_MS = 20;
/** Tries of one that knows nothing, to leave the port to those that do. */
const TRIES_OF_STRANGERS = 2;
/** Tries before the port is said to be taken by a stranger; they go on after that. */
const TRIES_BEFORE_SAID = 20;

/** Leader or member. */
interface Part {
  readonly scraper: Scrapable;
  /** Tells another process what was counted until now; false when that has gone before it heard. */
  report(deadlineMs: number): Promise<boolean>;
}

export class Pm2Group implements Group {
  readonly #own: Collector;
  readonly #settings: GroupSettings;
  readonly #instance: Pm2Process;
  readonly #key: string;
  /** Says which process this is, for ever. */
  readonly #number = 1 + Math.floor(Math.random() * 2 ** 47);
  readonly #settled: (() => void)[] = [];
  #part: Part | undefined;
  #legacy: Legacy | undefined;
  #server: ListeningServer | undefined;
  #meeting: Server | undefined;
  #closed = false;
  /** Somebody else answers for what it has counted: it is about to end, and no good to lead. */
  #isTold = false;
  /** Somebody may have answered for its counts, which must not fall. */
  #hasTold = false;
  #url: string | undefined;

  constructor(own: Collector, settings: GroupSettings, instance: Pm2Process) {
    this.#own = own;
    this.#settings = settings;
    this.#instance = instance;
    this.#key = [process.ppid, instance.app, settings.host, settings.port].join('\n');
  }

  readonly leader = 'the process of its PM2 application that has the port';

  readonly scraper: Scrapable = {
    scrape: (format) => this.#part?.scraper.scrape(format) ?? Promise.reject(new Error('no process of the application answers yet')),
  };

  /** When all are replaced at once, whoever listens may end first: then the next one is told. */
  readonly report = async (): Promise<void> => {
    if (!this.#hasTold) return;
    const end = performance.now() + this.#settings.deadlineMs;
    while (!this.#isTold && performance.now() < end) {
      const part = await this.#nextPart(end - performance.now());
      if (part === undefined) return;
      this.#isTold = await part.report(Math.max(0, end - performance.now()));
    }
  };

  #nextPart(deadlineMs: number): Promise<Part | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(undefined), deadlineMs).unref();
      const settle = () => {
        clearTimeout(timer);
        resolve(this.#part);
      };
      // The listeners of the connection that was closed come first.
      setImmediate(() => (this.#part === undefined ? this.#settled.push(settle) : settle()));
    });
  }

  open(handler: RequestHandler): Site {
    void this.#takePart(handler);
    const url = () => this.#url;
    return {
      get url() {
        return url();
      },
      whenUrlKnown: (callback) => void (this.#part === undefined ? this.#settled.push(callback) : callback()),
      close: async () => {
        this.#closed = true;
        this.#meeting?.close();
        await this.#server?.close();
      },
    };
  }

  /** Until it answers itself: tries to, follows who does, and tries again when that one has gone. Never rejects. */
  async #takePart(handler: RequestHandler): Promise<void> {
    for (let tries = 1; !this.#closed; tries++) {
      if (this.#legacy === undefined && tries <= TRIES_OF_STRANGERS && (await this.#isInterregnum())) {
        await delay(RETRY_MS);
        continue;
      }
      if (!this.#isTold && (await this.#lead(handler))) return;
      if (await this.#follow()) tries = 0;
      else await delay(this.#legacy !== undefined && tries < TRIES_BEFORE_SAID ? HEIR_RETRY_MS : RETRY_MS);
      if (tries === TRIES_BEFORE_SAID) sayNotListening(this.#settings, new Error('the port is taken, and not by this application'));
    }
  }

  /** Whether somebody has led and does no more: those who followed come first, they know what must go on being counted. */
  async #isInterregnum(): Promise<boolean> {
    try {
      (await goToRendezvous(rendezvousPath(this.#key))).destroy();
      return false;
    } catch (error) {
      return error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED';
    }
  }

  /** Whether this is settled: it answers, or cannot for another reason than a taken port. */
  async #lead(handler: RequestHandler): Promise<boolean> {
    const { host, port } = this.#settings;
    const server = listen(handler, { host, port, furtherPorts: 0 });
    try {
      this.#url = metricsUrl(host, await server.listening);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return false;
      sayNotListening(this.#settings, error);
      return true;
    }
    this.#server = server;
    const leader = new Leader(this.#own, {
      label: this.#instance.number,
      number: this.#number,
      hasHeirs: true,
      ...(this.#legacy !== undefined && { legacy: this.#legacy }),
    });
    const scraper = new Scraper({ ...this.#settings, source: leader, onDrop: (...drop) => this.#own.selfMetrics.countDropped(...drop) });
    leader.scraper = scraper;
    this.#play({ scraper, report: (deadlineMs) => leader.report(deadlineMs) });
    await this.#meet(leader);
    return true;
  }

  async #meet(leader: Leader): Promise<void> {
    try {
      this.#meeting = await openRendezvous(rendezvousPath(this.#key), (socket) => {
        const link = linkOver(socket);
        let joined = false;
        link.onMessage((message) => {
          if (message.type !== 'hello' || joined) return;
          joined = true;
          leader.join(link, message.label, message.id);
        });
      });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      warn({
        code: 'SIETCH025',
        message: `metrics endpoint: the processes of this PM2 application cannot meet, only one is answered for: ${reason}`,
        remedy:
          'give them a TMPDIR that is theirs alone, or set SIETCH_OTEL_PROMETHEUS_CLUSTER=off and SIETCH_OTEL_PROMETHEUS_PORT_TAKEN=next',
      });
    }
  }

  /** Resolves when the leader has gone, with whether there was one. */
  async #follow(): Promise<boolean> {
    let link: ReturnType<typeof linkOver>;
    try {
      link = linkOver(await goToRendezvous(rendezvousPath(this.#key)));
    } catch {
      return false;
    }
    const gone = new Promise<void>((resolve) => link.onClose(resolve));
    const member = new Member(this.#own, link, this.#settings.deadlineMs);
    await link.send({ type: 'hello', id: this.#number, label: this.#instance.number });
    // Whoever leads now may have come too late to know.
    if (this.#legacy !== undefined) await link.send(this.#legacy.toMessage());
    this.#play({ scraper: member, report: (deadlineMs) => member.report(deadlineMs) });
    await gone;
    this.#part = undefined;
    this.#legacy = member.inherit() ?? this.#legacy;
    return true;
  }

  #play(part: Part): void {
    this.#part = part;
    this.#hasTold = true;
    for (const callback of this.#settled.splice(0)) callback();
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
