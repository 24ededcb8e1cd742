// The part of this process in answering scrapes for a group of processes, as one state machine. How
// the processes of a PM2 application agree on a leader is behind `Pm2Election`.
//
//   one process, or a primary       process under PM2           worker of a primary
//              │                            │                            │
//              ▼                            ▼        leader gone         ▼
//          ┌───────┐                  ┌──────────┐ ◄─────────────── ┌──────────┐
//          │ alone │                  │ electing │ ───────────────► │ follower │
//          └─┬───┬─┘                  └─┬──────┬─┘   connected to   └────┬─────┘
//    first   │   │            got the   │      │     the leader          │
//    worker  ▼   │               port   │      │                         │
//          ┌─────┴──┐                   │      │ close(), or             │ primary
//          │ leader │ ◄─────────────────┘      │ cannot listen           │ gone
//          └─────┬──┘                          ▼                         │
//                │         close()         ┌───────┐                     │
//                └───────────────────────► │ ended │ ◄───────────────────┘
//                                          └───────┘
//
// alone, leader: answers scrapes itself      follower: reports, and forwards scrapes to the leader
// electing: no process is known to lead      ended: does not listen any more, nor seek a leader
import type { Cluster, Worker } from 'node:cluster';
import { onEventLoopTurn } from '../../node/event-loop-turn.js';
import { readPm2Process } from '../../sdk/resource/pm2.js';
import type { Collector } from '../collector.js';
import { type Endpoint, type EndpointSettings, openEndpoint } from '../endpoint.js';
import type { Format } from '../format.js';
import type { Scrapable } from '../handler.js';
import type { RequestHandler } from '../mounted-handler.js';
import type { Translation } from '../naming.js';
import type { Answer } from '../scrape.js';
import type { CounterSnapshot } from './counter-handoff.js';
import { Follower } from './follower.js';
import { Leader } from './leader.js';
import { linkToPrimary, linkToWorker } from './link.js';
import { Pm2Election } from './pm2-election.js';

export interface GroupSettings extends EndpointSettings {
  readonly cluster: 'auto' | 'off';
  /** Whether the endpoint has a server of its own. */
  readonly server: boolean;
  readonly deadlineMs: number;
  readonly maxBytes: number;
  readonly translation: Translation;
}

type State = 'alone' | 'electing' | 'leader' | 'follower' | 'ended';

/** A leader or follower. */
interface Participant extends Scrapable {
  /** Reports what was counted until now; false when the leader has gone before it counted that. */
  report(deadlineMs: number): Promise<boolean>;
}

export class ProcessGroup implements Scrapable {
  readonly #own: Collector;
  readonly #settings: GroupSettings;
  readonly #election: Pm2Election | undefined;
  /** The process that answers scrapes for this one, in words. */
  readonly leaderName: string | undefined;
  /** Sends another process what was counted until now, where one must have it. Never rejects. */
  readonly report: (() => Promise<void>) | undefined;
  #state: State = 'electing';
  #participant: Participant | undefined;
  /** Called when there is a participant, or will be none. */
  readonly #waiting: (() => void)[] = [];
  #url: string | undefined;
  /**
   * Counters that the next leader must keep adding, from the last one that this process followed.
   */
  #snapshot: CounterSnapshot | undefined;
  /**
   * It has led or followed: another process may have answered with its counts, which must not fall.
   */
  #wasJoined = false;
  /** Its last counts are with another process: it is about to end, and must not lead. */
  #isHandedOff = false;

  constructor(own: Collector, settings: GroupSettings) {
    this.#own = own;
    this.#settings = settings;
    // A worker has an IPC channel, and node:cluster loaded already. Elsewhere it is loaded when the
    // app has started: it takes a millisecond.
    const isWorker = settings.cluster === 'auto' && process.channel !== undefined && loadCluster().isWorker;
    const instance = isWorker ? readPm2Process(process.env) : undefined;
    if (instance !== undefined && settings.server) {
      this.#election = new Pm2Election(settings, instance);
      this.leaderName = 'the process of its PM2 application that has the port';
      this.report = () => this.#handOff();
    } else if (isWorker && instance === undefined) {
      this.leaderName = 'the primary of its cluster';
      this.report = async () => void (await this.#participant?.report(settings.deadlineMs));
      void this.#follow(new Follower(own, linkToPrimary(), settings.deadlineMs)).then(() => this.#enter('ended'));
    } else {
      const leader = this.#createLeader('primary');
      this.#enter('alone', leader);
      if (settings.cluster === 'auto' && !isWorker) onEventLoopTurn(() => this.#acceptWorkers(leader, loadCluster()));
    }
  }

  async scrape(format: Format): Promise<Answer> {
    if (this.#participant === undefined) throw new Error('no process of the group has the port of the metrics endpoint');
    return this.#participant.scrape(format);
  }

  /**
   * Opens the endpoint; under PM2 when this process is elected, in a worker of node:cluster not at
   * all.
   */
  open(handler: RequestHandler): Endpoint | undefined {
    if (this.#election !== undefined) return this.#openWhenElected(this.#election, handler);
    if (this.leaderName !== undefined) return undefined;
    const endpoint = openEndpoint(handler, this.#settings);
    return {
      get url() {
        return endpoint.url;
      },
      whenUrlKnown: endpoint.whenUrlKnown,
      close: () => {
        this.#enter('ended', this.#participant);
        return endpoint.close();
      },
    };
  }

  #enter(state: State, participant?: Participant): void {
    this.#state = state;
    this.#participant = participant;
    this.#wasJoined ||= participant !== undefined;
    if (state !== 'electing') for (const callback of this.#waiting.splice(0)) callback();
  }

  #createLeader(label: string, number?: number): Leader {
    const { deadlineMs, maxBytes, translation } = this.#settings;
    return new Leader(this.#own, {
      label,
      deadlineMs,
      maxBytes,
      translation,
      ...(number !== undefined && { elected: { number, snapshot: this.#snapshot } }),
    });
  }

  #acceptWorkers(leader: Leader, cluster: Cluster): void {
    const accept = ({ process: worker }: Worker) => {
      if (this.#state === 'alone') this.#enter('leader', leader);
      leader.accept(linkToWorker(worker));
    };
    cluster.on('fork', accept);
    for (const running of Object.values(cluster.workers ?? {})) if (running?.isConnected()) accept(running);
  }

  #openWhenElected(election: Pm2Election, handler: RequestHandler): Endpoint {
    void this.#elect(election, handler);
    const url = () => this.#url;
    return {
      get url() {
        return url();
      },
      whenUrlKnown: (callback) => void (this.#state === 'electing' ? this.#waiting.push(callback) : callback()),
      close: () => {
        if (this.#state === 'leader') this.#enter('ended', this.#participant);
        return election.close();
      },
    };
  }

  /** Until it leads, follows one leader after the other. Never rejects. */
  async #elect(election: Pm2Election, handler: RequestHandler): Promise<void> {
    while (this.#state === 'electing') {
      const elected = await election.elect({ handler, mayLead: !this.#isHandedOff, hasSnapshot: this.#snapshot !== undefined });
      if (elected.state === 'ended') this.#enter('ended');
      else if (elected.state === 'leader') {
        const leader = this.#createLeader(election.label, election.number);
        this.#url = elected.url;
        this.#enter('leader', leader);
        await election.acceptFollowers((link, label, number) => leader.accept(link, label, number));
      } else {
        const follower = new Follower(this.#own, elected.link, this.#settings.deadlineMs);
        await follower.join(election.number, election.label, this.#snapshot);
        await this.#follow(follower);
        this.#enter('electing');
      }
    }
  }

  /** Resolves when the leader has gone. */
  async #follow(follower: Follower): Promise<void> {
    this.#enter('follower', follower);
    await follower.closed;
    this.#snapshot = follower.snapshot ?? this.#snapshot;
  }

  /**
   * Reports the last counts under PM2. When all processes are replaced at once, the leader may end
   * first: then the next one gets them.
   */
  async #handOff(): Promise<void> {
    if (!this.#wasJoined) return;
    const end = performance.now() + this.#settings.deadlineMs;
    while (!this.#isHandedOff && performance.now() < end) {
      const participant = await this.#nextParticipant(end - performance.now());
      if (participant === undefined) return;
      this.#isHandedOff = await participant.report(Math.max(0, end - performance.now()));
    }
  }

  #nextParticipant(deadlineMs: number): Promise<Participant | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(undefined), deadlineMs).unref();
      const settle = () => {
        clearTimeout(timer);
        resolve(this.#participant);
      };
      // The listeners of a connection that was just closed run first.
      setImmediate(() => (this.#state === 'electing' ? this.#waiting.push(settle) : settle()));
    });
  }
}

function loadCluster(): Cluster {
  const cluster: Cluster = require('node:cluster');
  return cluster;
}
