// A child process that cannot outlive us: it is watched by a shell that ends it when the pipe to us closes, which happens however we end,
// SIGKILL included. Used by tests and the demo: no vitest here.

import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { Socket } from 'node:net';

export interface GuardedOptions {
  command: string;
  args?: readonly string[];
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  uid?: number;
  gid?: number;
  /** The signal the guard ends it with. Default SIGKILL. */
  guardSignal?: 'INT' | 'KILL';
  /** End its whole process group, not only itself. Default false. */
  guardGroup?: boolean;
  /** A folder the guard removes after it. */
  removeDirectory?: string;
  /** An IPC channel as `fork` gives it. Default false. */
  ipc?: boolean;
  /** Default false: no standard input. */
  stdin?: boolean;
}

// $1 is the signal, $2 whom to send it to ("" or "-" for the group), $3 the folder. The inner subshell ends at once, so the guard is
// init's child and not the server's, which would be told of a child it does not know. `exec` keeps pid, signals and exit status those of
// the command. A line read means "it has ended": nothing is left to end.
const GUARD = `
signal=$1; group=$2; directory=$3; shift 3
( ( exec 3<&- </dev/null >/dev/null 2>&1
    read -r _ <&4 && exit 0
    kill -s CONT -- "$group$$"; kill -s "$signal" -- "$group$$"
    i=0; while kill -s 0 -- $$ && [ $i -lt 50 ]; do sleep 0.1; i=$((i + 1)); done
    kill -s KILL -- "$group$$"; [ -n "$directory" ] && rm -rf "$directory"
  ) & )
exec "$@" 4<&-`;

/** Starts a command under guard. Its standard output and error are pipes. */
export function spawnGuarded(options: GuardedOptions): ChildProcess {
  const { command, args = [], guardSignal = 'KILL', guardGroup = false, removeDirectory = '', ipc = false, stdin = false } = options;
  const spawnOptions: SpawnOptions = {
    stdio: [stdin ? 'pipe' : 'ignore', 'pipe', 'pipe', ipc ? 'ipc' : 'ignore', 'pipe'],
    // Its own group: what ends ours from a terminal (^C) reaches it through us, in order.
    detached: true,
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
  };
  const child = spawn(
    '/bin/sh',
    ['-c', GUARD, 'guard', guardSignal, guardGroup ? '-' : '', removeDirectory, command, ...args],
    spawnOptions,
  );
  const pipe = child.stdio[4];
  if (pipe instanceof Socket) {
    pipe.on('error', () => {});
    pipe.unref();
    child.once('exit', () => pipe.end('ended\n'));
  }
  return child;
}

/** Resolves when the child has ended; at once when it has already. */
export function whenEnded(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return Promise.resolve();
  return new Promise((resolve) => child.once('exit', () => resolve()));
}

export function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
}

/** Sends `signal`, and SIGKILL when the child has not ended `killAfterMs` later. */
export async function endChild(child: ChildProcess, signal: NodeJS.Signals, killAfterMs = 5_000): Promise<void> {
  if (hasEnded(child)) return;
  // A stopped process acts on no signal but SIGKILL.
  child.kill('SIGCONT');
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  await whenEnded(child);
  clearTimeout(timer);
}
