// Keeps the measured process and its servers on one core, and the sink and the load on another. On two idle cores that talk by turns, the
// same work takes up to four times as long or not, by chance.

import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus } from 'node:os';

const WORK_CPU = 1;
const LOAD_CPU = 0;

/** Whether processes can be kept on cores here: Linux with taskset, and two cores. */
export const canPin = hasTaskset() && availableParallelism() > WORK_CPU;

/** `command`, on the core of the workload. */
export function onWorkCore(...command: readonly string[]): readonly string[] {
  return canPin ? ['taskset', '-c', String(WORK_CPU), ...command] : command;
}

/** Moves a server (0: one that is not ours) to the core of the workload; processes it starts later inherit that. */
export function pinServer(pid: number): void {
  if (canPin && pid > 0) execFileSync('taskset', ['-acp', String(WORK_CPU), String(pid)], { stdio: 'ignore' });
}

/** Moves this process, which is the sink and the load. */
export function pinSelf(): void {
  if (canPin) execFileSync('taskset', ['-acp', String(LOAD_CPU), String(process.pid)], { stdio: 'ignore' });
}

/** Moves this process back to all cores: instructions are the same wherever and beside whatever they are executed. */
export function unpinSelf(): void {
  if (canPin) execFileSync('taskset', ['-acp', `0-${cpus().length - 1}`, String(process.pid)], { stdio: 'ignore' });
}

function hasTaskset(): boolean {
  try {
    execFileSync('taskset', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
