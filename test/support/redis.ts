// A real Redis for tests and the demo: started for the run, gone with it, whatever ends it. No vitest here.

import { type ChildProcess, execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { endChild, hasEnded, spawnGuarded, whenEnded } from './guarded-process.ts';
import { freePort, onFreePort } from './ports.ts';
import { type OnProgress, withProgress } from './progress.ts';
import { findRedis, type RedisProgram } from './redis-binaries.ts';
import { ServerLog } from './server-log.ts';

export interface RedisOptions {
  /** Start one even when REDIS_URL names a server: for tests that stop, fill or kill it. Default false. */
  own?: boolean;
  /** Default: any free port. */
  port?: number;
  /** `maxmemory` as in redis.conf, `64mb`; above it writes fail (policy noeviction). Default: no limit. */
  maxmemory?: string;
  /** Cluster mode, with this node serving every slot. Default false. */
  cluster?: boolean;
  /** Keep the data over `restart()` and `kill()`, by an append-only file. Default false. */
  persistent?: boolean;
  /** More server settings, as in redis.conf; they win. */
  settings?: Readonly<Record<string, string | number>>;
  /** Gets a line about each step that takes longer than a second. */
  onProgress?: OnProgress;
}

export interface Redis {
  /** `redis://127.0.0.1:6379`, without a database number. */
  url: string;
  port: number;
  /** `Redis 7.0.15 (on PATH)`. */
  name: string;
  /** Of the server; 0 when it is not ours or not running. */
  readonly pid: number;
  log(): string;
  /** Stops it from answering while its connections stay open (SIGSTOP): a hung server. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Sends it a signal (default SIGKILL: as in a crash) and waits until it has ended. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same port, after `kill` or instead of it. Empty unless `persistent`. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const READY = /Ready to accept connections/;
const READY_TIMEOUT_MS = 60_000;
/** Databases of a server of ours, so that each test file can have one. */
export const REDIS_DATABASES = 512;
const run = promisify(execFile);

/**
 * A Redis, in this order: the server at REDIS_URL; redis-server or valkey-server on PATH; the package of this system, unpacked into our
 * cache by apt-get; a container.
 * @throws {Error} when there is none; it names the four ways.
 */
export async function startRedis(options: RedisOptions = {}): Promise<Redis> {
  const given = process.env['REDIS_URL'];
  if (given !== undefined && given !== '' && options.own !== true) return useGiven(given);
  const program = await findRedis(options.onProgress);
  return onFreePort(options.port, async (port) => {
    const server = new RedisServer(program, options, port);
    await withProgress(`Starting ${server.name}`, options.onProgress, () => server.start());
    return server;
  });
}

class RedisServer implements Redis {
  readonly url: string;
  readonly port: number;
  readonly name: string;
  readonly #program: RedisProgram;
  readonly #options: RedisOptions;
  readonly #data = mkdtempSync(join(tmpdir(), 'sietch-otel-redis-'));
  readonly #container = `sietch-otel-redis-${randomBytes(6).toString('hex')}`;
  readonly #log = new ServerLog();
  #child: ChildProcess | undefined;

  constructor(program: RedisProgram, options: RedisOptions, port: number) {
    this.#program = program;
    this.#options = options;
    this.name = program.name;
    this.port = port;
    this.url = `redis://127.0.0.1:${port}`;
  }

  async start(): Promise<void> {
    try {
      await this.#run();
      if (this.#options.cluster === true) {
        await sendCommand(this.port, 'CLUSTER ADDSLOTSRANGE 0 16383');
        await until(async () => (await sendCommand(this.port, 'CLUSTER INFO')).includes('cluster_state:ok'), READY_TIMEOUT_MS);
      }
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  get pid(): number {
    return this.#child === undefined || hasEnded(this.#child) ? 0 : (this.#child.pid ?? 0);
  }

  log(): string {
    return this.#log.text();
  }

  async pause(): Promise<void> {
    if (this.#program.kind === 'container') await run('docker', ['pause', this.#container]);
    else this.#child?.kill('SIGSTOP');
  }

  async resume(): Promise<void> {
    if (this.#program.kind === 'container') await run('docker', ['unpause', this.#container]);
    else this.#child?.kill('SIGCONT');
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (this.#child === undefined || hasEnded(this.#child)) return;
    if (this.#program.kind === 'container') await run('docker', ['kill', '-s', signal, this.#container]);
    else this.#child.kill(signal);
    await whenEnded(this.#child);
  }

  async restart(): Promise<void> {
    if (this.#child !== undefined) await endChild(this.#child, 'SIGTERM');
    await this.#run();
  }

  async stop(): Promise<void> {
    if (this.#child !== undefined) await endChild(this.#child, this.#program.kind === 'container' ? 'SIGTERM' : 'SIGKILL');
    rmSync(this.#data, { recursive: true, force: true, maxRetries: 5 });
  }

  async #run(): Promise<void> {
    const program = this.#program;
    if (program.kind === 'container') {
      const publish = ['--name', this.#container, '-p', `127.0.0.1:${this.port}:6379`];
      const args = ['run', '--rm', ...publish, program.image, 'valkey-server', ...this.#settings('0.0.0.0', 6379)];
      this.#child = spawnGuarded({ command: 'docker', args, guardSignal: 'INT', removeDirectory: this.#data });
    } else {
      const args = this.#settings('127.0.0.1', this.port, this.#data);
      if (this.#options.cluster === true) args.push(...clusterArgs(await freePort()));
      this.#child = spawnGuarded({ command: program.path, args, env: program.env, cwd: this.#data, removeDirectory: this.#data });
    }
    await this.#log.followUntil(this.#child, READY, READY_TIMEOUT_MS);
  }

  #settings(bind: string, port: number, directory?: string): string[] {
    const { maxmemory, persistent = false, cluster = false, settings } = this.#options;
    const all = {
      port,
      bind,
      'protected-mode': 'no',
      save: '',
      appendonly: persistent ? 'yes' : 'no',
      appendfsync: persistent ? 'always' : 'no',
      'maxmemory-policy': 'noeviction',
      ...(cluster ? {} : { databases: REDIS_DATABASES }),
      ...(directory === undefined ? {} : { dir: directory }),
      ...(maxmemory === undefined ? {} : { maxmemory }),
      ...settings,
    };
    return Object.entries(all).flatMap(([name, value]) => [`--${name}`, String(value)]);
  }
}

function clusterArgs(busPort: number): string[] {
  // A node that never met another does not know its own address, and clients skip a node without one.
  return ['--cluster-enabled', 'yes', '--cluster-port', String(busPort), '--cluster-announce-ip', '127.0.0.1'];
}

/** A server that was there before us: left as it is. */
function useGiven(url: string): Redis {
  const notOurs = (): never => {
    throw new Error('The server at REDIS_URL is not ours to stop or restart: startRedis({ own: true }) starts one that is');
  };
  const parsed = new URL(url);
  parsed.pathname = '';
  return {
    url: parsed.href.replace(/\/$/, ''),
    port: Number(parsed.port || 6379),
    name: 'the Redis at REDIS_URL',
    pid: 0,
    log: notOurs,
    pause: notOurs,
    resume: notOurs,
    kill: notOurs,
    restart: notOurs,
    stop: async () => {},
  };
}

/** Sends one command without a client library and returns the raw reply. */
async function sendCommand(port: number, command: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.setTimeout(5_000, () => socket.destroy(new Error(`${command} got no reply within 5 s`)));
  try {
    socket.write(`${command}\r\nQUIT\r\n`);
    let reply = '';
    for await (const chunk of socket.setEncoding('utf8')) reply += chunk;
    if (reply.startsWith('-')) throw new Error(`${command}: ${reply.trim()}`);
    return reply;
  } finally {
    socket.destroy();
  }
}

async function until(condition: () => Promise<boolean>, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`The Redis cluster was not ready within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
