// Elects the leader among the processes of one PM2 application. Their parent is PM2, which we do
// not run in: the process that gets the port of the endpoint leads, the others connect to it by a
// local socket whose path all of them can work out and no other user can enter.
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { warn } from '../../diagnose/diagnostics.js';
import { makeClosedFolder } from '../../node/private-folder.js';
import type { Pm2Process } from '../../sdk/resource/pm2.js';
import { type EndpointSettings, reportNotListening } from '../endpoint.js';
import type { RequestHandler } from '../mounted-handler.js';
import { isPortTaken, type ListeningServer, listen, metricsUrl } from '../server.js';
import { type Link, linkOverSocket } from './link.js';

const RETRY_MS = 500;
/** For a process with a snapshot: the port is free again a moment after the leader has gone. */
const SUCCESSOR_RETRY_MS = 20;
/** Tries in which a process without a snapshot leaves the port to those that have one. */
const DEFERRED_TRIES = 2;
/** Tries before the port is reported as taken by another application; they go on after that. */
const TRIES_BEFORE_REPORT = 20;

export interface Candidate {
  /** Answers scrapes, should it be elected. */
  readonly handler: RequestHandler;
  readonly mayLead: boolean;
  /** Whether it followed the leader before. */
  readonly hasSnapshot: boolean;
}

export type Elected =
  | { readonly state: 'leader'; readonly url: string }
  | { readonly state: 'follower'; readonly link: Link }
  /** It was closed, or cannot listen for another reason than a taken port. */
  | { readonly state: 'ended' };

export class Pm2Election {
  /** Identifies this process to every leader. */
  readonly number = 1 + Math.floor(Math.random() * 2 ** 47);
  /** Label of its gauges: the number of the instance, which a replacement takes over. */
  readonly label: string;
  readonly #settings: EndpointSettings;
  readonly #key: string;
  #server: ListeningServer | undefined;
  #socketServer: Server | undefined;
  #isClosed = false;

  constructor(settings: EndpointSettings, instance: Pm2Process) {
    this.#settings = settings;
    this.label = instance.number;
    this.#key = [process.ppid, instance.app, settings.host, settings.port].join('\n');
  }

  /**
   * Tries to listen, then to connect to the process that does, until one of them succeeds. Never
   * rejects.
   */
  async elect({ handler, mayLead, hasSnapshot }: Candidate): Promise<Elected> {
    for (let tries = 1; !this.#isClosed; tries++) {
      if (!hasSnapshot && tries <= DEFERRED_TRIES && (await this.#hasLeaderGone())) {
        await delay(RETRY_MS);
        continue;
      }
      const elected = (mayLead ? await this.#listen(handler) : undefined) ?? (await this.#connect());
      if (elected !== undefined) return elected;
      if (tries === TRIES_BEFORE_REPORT) {
        reportNotListening(this.#settings, new Error('the port is taken, and not by a process of this PM2 application'));
      }
      await delay(hasSnapshot && tries < TRIES_BEFORE_REPORT ? SUCCESSOR_RETRY_MS : RETRY_MS);
    }
    return { state: 'ended' };
  }

  /** Whether a leader left its socket behind: its followers go first, they have the snapshot. */
  async #hasLeaderGone(): Promise<boolean> {
    try {
      (await connectTo(socketPath(this.#key))).destroy();
      return false;
    } catch (error) {
      return error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED';
    }
  }

  /** `undefined` when the port is taken. */
  async #listen(handler: RequestHandler): Promise<Elected | undefined> {
    const { host, port } = this.#settings;
    const server = listen(handler, { host, port, furtherPorts: 0 });
    try {
      const url = metricsUrl(host, await server.listening);
      if (this.#isClosed) {
        await server.close();
        return { state: 'ended' };
      }
      this.#server = server;
      return { state: 'leader', url };
    } catch (error) {
      if (isPortTaken(error)) return undefined;
      reportNotListening(this.#settings, error);
      return { state: 'ended' };
    }
  }

  async #connect(): Promise<Elected | undefined> {
    try {
      return { state: 'follower', link: linkOverSocket(await connectTo(socketPath(this.#key))) };
    } catch {
      return undefined;
    }
  }

  /** Lets the other processes connect to this one, which was elected. Never rejects. */
  async acceptFollowers(accept: (link: Link, label: string, number: number) => void): Promise<void> {
    try {
      this.#socketServer = await openSocket(socketPath(this.#key), (socket) => {
        const link = linkOverSocket(socket);
        let hasJoined = false;
        link.onMessage((message) => {
          if (message.type !== 'join' || hasJoined) return;
          hasJoined = true;
          accept(link, message.label, message.id);
        });
      });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      warn('SIETCH025', reason);
    }
  }

  /** Stops listening; connections to followers stay, for last reports. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#socketServer?.close();
    await this.#server?.close();
  }
}

/** @throws {Error} when there is no folder for it that is ours alone. */
function socketPath(key: string): string {
  const name = createHash('sha256').update(key).digest('hex').slice(0, 16);
  return process.platform === 'win32' ? `\\\\.\\pipe\\sietch-otel-${name}` : join(socketFolder(), `${name}.sock`);
}

/** A folder that another user has made, or can enter, would give that user access to the metrics. */
function socketFolder(): string {
  return makeClosedFolder(join(tmpdir(), `sietch-otel-${process.geteuid?.()}`));
}

/** For the elected process only: it replaces the socket that a dead process left. */
function openSocket(path: string, onConnection: (socket: Socket) => void): Promise<Server> {
  if (process.platform !== 'win32') rmSync(path, { force: true });
  return new Promise((resolve, reject) => {
    const server = createServer(onConnection);
    server.once('error', reject);
    server.listen({ path, exclusive: true }, () => {
      server.off('error', reject);
      server.on('error', () => {});
      resolve(server);
    });
    server.unref();
  });
}

function connectTo(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.unref();
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
