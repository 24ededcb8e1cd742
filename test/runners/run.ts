// Runs an app under a runner, bare or under the preload, acts on it and tells how all of it ended.
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { preloadArgs } from '../support/app.ts';
import { ROOT } from '../support/checkout.ts';
import { ChildOutput } from '../support/child-output.ts';
import { eventually } from '../support/eventually.ts';
import { spawnGuarded } from '../support/guarded-process.ts';
import { type Act, type Runner, SERVICE } from './runners.ts';

/** `env`: all that is started has the preload; `flag`: what the runner hands it to. */
export type Observed = 'no' | 'env' | 'flag';

export interface RunOptions {
  readonly observed: Observed;
  readonly act: Act;
  /** The app ends by itself upon a signal. */
  readonly drains?: boolean;
  /** The node_modules/.bin with the runners. Default: this checkout's. */
  readonly bin?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Ended {
  /** Of the runner. */
  readonly status: number | NodeJS.Signals;
  /** What the app told, without its process ids, in alphabetical order. */
  readonly told: readonly string[];
  /** Whether a process of the app is left. */
  readonly isLeft: boolean;
  /** From the act to the end, in ms. */
  readonly ms: number;
  /** What the runner and the app printed, for failures. */
  readonly output: string;
}

const READY_MS = 60_000;
const END_MS = 15_000;
/** A runner that is told of changes while it starts forgets them; one that is told too often never comes to an end. */
const RETOUCH_MS = 15_000;

export async function runUnder(runner: Runner, options: RunOptions): Promise<Ended> {
  const folder = mkdtempSync(join(tmpdir(), 'sietch-otel-runner-'));
  const log = join(folder, 'log');
  const files = { ...runner.files, 'service.cjs': SERVICE, 'package.json': JSON.stringify({ name: 'app', ...runner.manifest }), log: '' };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const [command = '', ...args] = commandOf(runner, options);
  const child = spawnGuarded({ command, args, cwd: folder, env: environment(folder, options), guardGroup: true });
  const output = new ChildOutput();
  output.follow(child.stdout, child.stderr);
  const ended = new Promise<number | NodeJS.Signals>((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code ?? -1)));
  const told = () => readFileSync(log, 'utf8').split('\n').filter(Boolean);
  const untilReady = (times: number) =>
    Promise.race([
      eventually(`${runner.name} is ready\n`, () => told().filter((line) => line.startsWith('ready')).length >= times, READY_MS),
      ended,
    ]);
  let start = performance.now();
  try {
    if (options.act !== 'nothing') await untilReady(1);
    if (options.act === 'restart') {
      await restart(folder, () => told().filter((line) => line.startsWith('ready')).length > 1, ended);
    }
    start = performance.now();
    // As ^C at a terminal: the whole group gets it. A supervisor sends SIGTERM to the process that it knows.
    if (options.act === 'SIGINT') process.kill(-(child.pid ?? 0), 'SIGINT');
    else if (options.act !== 'nothing') child.kill('SIGTERM');
    const status = await within(ended, options.act === 'nothing' ? READY_MS : END_MS);
    const ms = performance.now() - start;
    const pids = told().map((line) => Number(line.split(' ')[1]));
    const isLeft = await eventually('the app has ended', () => !pids.some(isRunning), 3_000).then(
      () => false,
      () => true,
    );
    return {
      status,
      told: told()
        .map((line) => line.replace(/ \d+$/, ''))
        .sort(),
      isLeft,
      ms,
      output: output.tail(),
    };
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${output.tail()}`);
  } finally {
    killGroup(child.pid);
    for (const line of told()) kill(Number(line.split(' ')[1]));
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

/** Changes the program until a runner that looks at the files now and then has seen it. */
async function restart(folder: string, isDone: () => boolean, ended: Promise<unknown>): Promise<void> {
  let hasEnded = false;
  void ended.then(() => {
    hasEnded = true;
  });
  const programs = readdirSync(folder).filter((name) => /^(app|service)\./.test(name));
  const touch = () => {
    for (const name of programs) appendFileSync(join(folder, name), `// ${Date.now()}\n`);
  };
  touch();
  let touched = Date.now();
  await eventually(
    'the app is started again',
    () => {
      if (Date.now() - touched > RETOUCH_MS && !isDone()) {
        touched = Date.now();
        touch();
      }
      return isDone() || hasEnded;
    },
    READY_MS,
  );
}

function commandOf(runner: Runner, { observed, bin = join(ROOT, 'node_modules/.bin') }: RunOptions): readonly string[] {
  if (observed !== 'flag') return runner.command(bin);
  if (runner.withFlag === undefined) throw new TypeError(`${runner.name} takes no flags for node`);
  return runner.withFlag(bin, preloadArgs());
}

function environment(folder: string, { observed, drains, env }: RunOptions): NodeJS.ProcessEnv {
  const outer = Object.entries(process.env).filter(([name]) => !/^(OTEL_|SIETCH_|VITEST|NODE_OPTIONS$|NODE_ENV$|npm_|INIT_CWD)/.test(name));
  return {
    ...Object.fromEntries(outer),
    ...(observed === 'env' ? { NODE_OPTIONS: preloadArgs().join(' ') } : {}),
    ...(drains === true ? { APP_DRAINS: '1' } : {}),
    APP_LOG: join(folder, 'log'),
    PM2_HOME: join(folder, '.pm2'),
    OTEL_TRACES_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_EXPORTER_PROMETHEUS_PORT: '0',
    ...env,
  };
}

function within<T>(promise: Promise<T>, ms: number): Promise<T | -2> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<-2>((resolve) => {
    timer = setTimeout(() => resolve(-2), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

function killGroup(pid: number | undefined): void {
  if (pid !== undefined) kill(-pid);
}
