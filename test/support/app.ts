// Runs a small app as a user would: a process of its own under the preload of this checkout's dist/, its telemetry sent to a receiver.
// However the test run ends, the process ends with it.

import type { ChildProcess } from 'node:child_process';
import { isAbsolute, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from './checkout.ts';
import { ChildOutput } from './child-output.ts';
import { endChild, hasEnded, spawnGuarded } from './guarded-process.ts';

/** `both` gives the preload twice, as happens with NODE_OPTIONS; `none` runs the bare app. */
export type Preload = 'require' | 'import' | 'both' | 'none';

export interface AppOptions {
  args?: readonly string[];
  /** Added to the environment; undefined takes a variable away. No OTEL_*, SIETCH_* or NODE_OPTIONS of the outer environment gets in. */
  env?: Readonly<Record<string, string | undefined>>;
  /** Default `require`. */
  preload?: Preload;
  /** Where the preload is addressed. Default: dist/ of this checkout; `@sietch/otel` for a folder made by `packApp`. */
  preloadFrom?: string;
  /** More flags for node, before the file. */
  nodeArgs?: readonly string[];
  /** Another node binary, see node-versions.ts. Default: the one running. */
  node?: string;
  /** Where it sends its telemetry. Default: nowhere (a port nobody listens on would slow its exit, so the SDK's exporters are off). */
  receiver?: { url: string };
  /** Default: the root of this checkout. */
  cwd?: string;
  /** The user, and the group of that number. Takes root. */
  uid?: number;
}

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface App {
  child: ChildProcess;
  pid: number;
  /** All it has printed so far. */
  readonly stdout: string;
  readonly stderr: string;
  /** What it sent by `process.send`. */
  readonly messages: readonly unknown[];
  /** Resolves with the match in a line of its output. Rejects when it ends without one, or after `timeoutMs` (default 60000). */
  waitForLine(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>;
  /** Resolves with the first message for which `find` returns something. */
  waitForMessage<Result>(find: (message: unknown) => Result | undefined, timeoutMs?: number): Promise<Result>;
  send(message: NodeJS.Dict<unknown>): void;
  /** Resolves when it has ended and all its output is read; rejects after `timeoutMs` (default 60000), having killed it. */
  waitForExit(timeoutMs?: number): Promise<Exit>;
  signal(signal: NodeJS.Signals): void;
  /** Ends it by SIGTERM, by SIGKILL 5 s later, and resolves as `waitForExit` does. */
  stop(): Promise<Exit>;
}

const DEFAULT_TIMEOUT_MS = 60_000;

/** Starts `file`, a path from the root of the checkout or an absolute one. */
export function runApp(file: string, options: AppOptions = {}): App {
  const path = isAbsolute(file) ? file : join(ROOT, file);
  const child = spawnGuarded({
    command: options.node ?? process.execPath,
    args: [...preloadArgs(options), ...(options.nodeArgs ?? []), ...loaderArgs(path), path, ...(options.args ?? [])],
    env: appEnv(options),
    cwd: options.cwd ?? ROOT,
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
    guardGroup: true,
    ipc: true,
  });
  return new RunningApp(child);
}

class RunningApp implements App {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly messages: unknown[] = [];
  readonly #output = new ChildOutput();
  readonly #exit: Promise<Exit>;

  constructor(child: ChildProcess) {
    this.child = child;
    this.pid = child.pid ?? 0;
    this.#output.follow(child.stdout, child.stderr);
    child.on('message', (message) => {
      this.messages.push(message);
      this.#output.notify();
    });
    this.#exit = new Promise((resolve, reject) => {
      // More than one comes where it is sent messages after its end.
      child.on('error', reject);
      child.once('close', (code, signal) => {
        this.#output.end();
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr });
      });
    });
    // Who waits for the exit gets the error; nobody has to wait.
    this.#exit.catch(() => {});
  }

  get stdout(): string {
    return this.#output.stdout;
  }

  get stderr(): string {
    return this.#output.stderr;
  }

  waitForLine(pattern: RegExp, timeoutMs = DEFAULT_TIMEOUT_MS): Promise<RegExpExecArray> {
    return this.#output.waitForLine(pattern, timeoutMs);
  }

  waitForMessage<Result>(find: (message: unknown) => Result | undefined, timeoutMs = DEFAULT_TIMEOUT_MS): Promise<Result> {
    let seen = 0;
    const next = (): Result | undefined => {
      while (seen < this.messages.length) {
        const result = find(this.messages[seen++]);
        if (result !== undefined) return result;
      }
      return undefined;
    };
    return this.#output.waitFor('such message', next, timeoutMs);
  }

  send(message: NodeJS.Dict<unknown>): void {
    this.child.send(message);
  }

  async waitForExit(timeoutMs = DEFAULT_TIMEOUT_MS): Promise<Exit> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.#killGroup();
    }, timeoutMs);
    const exit = await this.#exit;
    clearTimeout(timer);
    if (late) throw new Error(`The process had not ended after ${timeoutMs} ms and was killed.\n${this.#output.tail()}`);
    return exit;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async stop(): Promise<Exit> {
    await endChild(this.child, 'SIGTERM');
    this.#killGroup();
    return this.#exit;
  }

  /** With whatever it started itself. */
  #killGroup(): void {
    try {
      process.kill(-this.pid, 'SIGKILL');
    } catch {
      // Nobody is left in the group.
    }
    if (!hasEnded(this.child)) this.child.kill('SIGKILL');
  }
}

/** Flags that preload as `preload` says. Exported for tests that start node in another way (NODE_OPTIONS, PM2). */
export function preloadArgs(options: Pick<AppOptions, 'preload' | 'preloadFrom'> = {}): string[] {
  const { preload = 'require', preloadFrom } = options;
  const dist = join(ROOT, 'dist');
  const forRequire = preloadFrom === undefined ? join(dist, 'register.js') : `${preloadFrom}/register`;
  const forImport = preloadFrom === undefined ? pathToFileURL(join(dist, 'register.mjs')).href : `${preloadFrom}/register`;
  const args: string[] = [];
  if (preload === 'require' || preload === 'both') args.push('--require', forRequire);
  if (preload === 'import' || preload === 'both') args.push('--import', forImport);
  return args;
}

function loaderArgs(path: string): string[] {
  return /\.[cm]?ts$/.test(path) ? ['--import', 'tsx'] : [];
}

function appEnv(options: AppOptions): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (!/^(OTEL_|SIETCH_|VITEST|NODE_OPTIONS$|NODE_ENV$|FORCE_COLOR$)/.test(name)) env[name] = value;
  }
  const destination = options.receiver === undefined ? withoutExporters : { OTEL_EXPORTER_OTLP_ENDPOINT: options.receiver.url };
  Object.assign(env, APP_ENV, destination, options.env);
  return env;
}

const withoutExporters = { OTEL_TRACES_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' };

/**
 * Small delays, so that tests see telemetry soon; a port of the system's choice, so that apps don't meet. How long a busy machine blocked the loop of an app
 * is no attribute that tests could expect.
 */
const APP_ENV = {
  SIETCH_OTEL_EVENT_LOOP_BLOCKS_MS: '0',
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  OTEL_BSP_SCHEDULE_DELAY: '50',
  OTEL_BLRP_SCHEDULE_DELAY: '50',
  OTEL_METRIC_EXPORT_INTERVAL: '200',
  OTEL_METRIC_EXPORT_TIMEOUT: '5000',
  OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
  OTEL_EXPORTER_PROMETHEUS_PORT: '0',
};
