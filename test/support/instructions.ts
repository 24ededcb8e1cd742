// Counts the user-space instructions of a command: by `perf stat` where the processor's counter can be read, which virtual machines often deny, else by
// valgrind's cachegrind, which sees what V8's compiler makes too and is thirty times as slow. No vitest here.

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A program that runs a command and writes the number of its instructions into a file. */
export interface InstructionCounter {
  readonly name: 'perf' | 'cachegrind';
  /** What comes before the command. */
  before(file: string): readonly string[];
  /** The count in what was written into the file; undefined where there is none. */
  parse(text: string): number | undefined;
}

export const perf: InstructionCounter = {
  name: 'perf',
  before: (file) => ['perf', 'stat', '-e', 'instructions:u', '-x', ',', '-o', file, '--'],
  // `<not supported>` and `<not counted>` stand in the place of the number. Hybrid processors have a line for each kind of core.
  parse(text) {
    const lines = [...text.matchAll(/^([^,\n]*),[^,\n]*,[^,\n]*instructions[^,\n]*,/gm)];
    const counts = lines.flatMap(([, count = '']) => (/^\d+$/.test(count) ? [Number(count)] : []));
    return counts.length === 0 ? undefined : counts.reduce((sum, count) => sum + count, 0);
  },
};

export const cachegrind: InstructionCounter = {
  name: 'cachegrind',
  before: (file) => [
    'valgrind',
    '--tool=cachegrind',
    '--cache-sim=no',
    // V8 writes its code into the same pages again and again.
    '--smc-check=all-non-file',
    '--cachegrind-out-file=/dev/null',
    `--log-file=${file}`,
  ],
  parse(text) {
    const count = /I +refs: +([\d,]+)/.exec(text)?.[1];
    return count === undefined ? undefined : Number(count.replaceAll(',', ''));
  },
};

/** Flags for node: compiler and garbage collector in the main thread, and the same hash tables in each run. */
export const REPEATABLE = ['--single-threaded', '--hash-seed=1', '--random-seed=1'];

/** Everything is thirty times as slow: nothing is to be sent, logged or sampled because time has passed. */
export const UNTIMED = {
  OTEL_BSP_SCHEDULE_DELAY: '600000',
  OTEL_METRIC_EXPORT_INTERVAL: '600000',
  SIETCH_OTEL_EVENT_LOOP_BLOCKS_MS: '0',
  SIETCH_OTEL_PG_SLOW_QUERY_MS: '0',
  SIETCH_OTEL_REDIS_SLOW_MS: '0',
};

/** @throws {Error} where valgrind is not on PATH. */
export async function findValgrind(): Promise<string> {
  const { stdout } = await run('valgrind', ['--version']).catch(() => {
    throw new Error('valgrind is not on PATH (Debian: apt-get install valgrind)');
  });
  return stdout.trim();
}

/**
 * The counter that this machine has.
 * @throws {Error} that says what to install.
 */
export async function findInstructionCounter(): Promise<InstructionCounter> {
  const withPerf = await countWith(perf, ([command = '', ...args]) => run(command, args), ['true']).catch(() => undefined);
  if (withPerf !== undefined) return perf;
  await findValgrind();
  return cachegrind;
}

/**
 * The instructions of a command, which `runCommand` runs to its end.
 * @throws {Error} when the command fails, or when the counter says no count.
 */
export async function countWith(
  { name, before, parse }: InstructionCounter,
  runCommand: (command: readonly string[]) => Promise<unknown>,
  command: readonly string[],
): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'sietch-otel-instructions-'));
  const file = join(folder, 'count');
  try {
    await runCommand([...before(file), ...command]);
    const text = readFileSync(file, 'utf8');
    const count = parse(text);
    if (count === undefined) throw new Error(`${name} said no count:\n${text.slice(-2000)}`);
    return count;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
