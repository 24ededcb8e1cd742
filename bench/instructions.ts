// Counts the user-space instructions of an operation with valgrind's cachegrind, which sees what the compiler of V8 makes too: the difference between a
// short and a long run, by the difference in operations. Both are thousands of operations long: what V8 does once in a while comes to tens of millions.

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Candidate } from './candidates.ts';
import { unpinSelf } from './pinning.ts';
import type { Comparison } from './record.ts';
import { type Row, type Scenario, takes } from './scenarios.ts';
import { type Line, say } from './session.ts';
import { startSink } from './sink.ts';
import { type Place, runWorkload } from './workload.ts';

const run = promisify(execFile);
const CACHEGRIND = ['--tool=cachegrind', '--cache-sim=no', '--smc-check=all-non-file', '--cachegrind-out-file=/dev/null'];
/** Compiler and garbage collector in the main thread, and the same hash tables in each run. */
const REPEATABLE = ['--single-threaded', '--hash-seed=1', '--random-seed=1'];
const DEADLINE_MS = 900_000;

/** Everything is thirty times as slow: nothing is to be sent, logged or sampled because time has passed. */
const UNTIMED = {
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
 * Instructions of one operation; of a scenario that is counted once, those of the whole run.
 * @throws {Error} when a run fails, or when cachegrind says no count.
 */
export async function countInstructions(candidate: Candidate, scenario: Scenario, place: Place): Promise<number> {
  const { counted } = scenario;
  if (counted === undefined) throw new RangeError(`${scenario.name} is not counted`);
  const repeatable: Candidate = {
    ...candidate,
    preload: [...REPEATABLE, ...candidate.preload],
    env: (url) => ({ ...candidate.env(url), ...UNTIMED }),
  };
  // A code cache is written by the first run with these flags.
  await runWorkload(repeatable, withRequests(scenario, counted === 'once' ? 0 : 1), place);
  if (counted === 'once') return countRun(repeatable, scenario, place);
  const [short, long] = counted;
  const least = await countRun(repeatable, withRequests(scenario, short), place);
  const most = await countRun(repeatable, withRequests(scenario, long), place);
  return (most - least) / ((long - short) * scenario.operations);
}

function withRequests(scenario: Scenario, requests: number): Scenario {
  return { ...scenario, warmUp: [0, 0], requests: [requests, requests] };
}

async function countRun(candidate: Candidate, scenario: Scenario, place: Place): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'sietch-otel-instructions-'));
  const log = join(folder, 'log');
  const node = ['valgrind', ...CACHEGRIND, `--log-file=${log}`, ...(place.node ?? [process.execPath])];
  try {
    await runWorkload(candidate, scenario, { ...place, node, deadlineMs: DEADLINE_MS });
    const text = readFileSync(log, 'utf8');
    const count = /I +refs: +([\d,]+)/.exec(text)?.[1];
    if (count === undefined) throw new Error(`cachegrind said no count:\n${text.slice(-2000)}`);
    return Number(count.replaceAll(',', ''));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Instructions of every scenario that is counted, as a comparison of one round; two at a time where there are two cores. */
export async function compareInstructions(line: Line, scenarios: readonly Scenario[]): Promise<Comparison> {
  const began = performance.now();
  const counted = scenarios.filter((scenario) => scenario.counted !== undefined);
  const jobs = counted.flatMap((scenario) =>
    line.candidates.filter((candidate) => takes(scenario, candidate)).map((candidate) => ({ scenario, candidate })),
  );
  const rounds = new Map(counted.map((scenario): [Scenario, Record<string, number[]>] => [scenario, {}]));
  const work = async (): Promise<void> => {
    const sink = await startSink();
    for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
      const { scenario, candidate } = job;
      const place = { ...line.place(candidate), node: [line.node], sink, quick: false };
      const instructions = await countInstructions(candidate, scenario, place);
      Object.assign(rounds.get(scenario) ?? {}, { [candidate.name]: [instructions / (scenario.counted === 'once' ? 1e6 : 1e3)] });
      say(`${scenario.name}, ${candidate.name}: ${((performance.now() - began) / 60_000).toFixed(1)} minutes`);
    }
    sink.close();
  };
  unpinSelf();
  await Promise.all(Array.from({ length: cpus().length }, work));
  return {
    ...line.conditions(),
    rounds: 1,
    minutes: (performance.now() - began) / 60_000,
    candidates: line.candidates.map(({ name }) => name),
    figures: counted.map((scenario) => ({ ...rowOf(scenario), scenario: scenario.name, rounds: rounds.get(scenario) ?? {} })),
    spans: {},
    repeated: [],
    problems: [],
  };
}

/** In millions for a whole run, in thousands for an operation. */
function rowOf({ counted, rows: [row], name }: Scenario): Omit<Row, 'value'> {
  const [unit, digits]: [string, number] = counted === 'once' ? ['million', 0] : ['thousand', 1];
  return { title: row?.title ?? name, unit, digits };
}
