// Counts the user-space instructions of an operation with valgrind's cachegrind, which sees what the compiler of V8 makes too: the difference between a
// short and a long run, by the difference in operations. Both are thousands of operations long: what V8 does once in a while comes to tens of millions.

import { cpus } from 'node:os';
import { cachegrind, countWith, REPEATABLE, UNTIMED } from '../test/support/instructions.ts';
import type { Candidate } from './candidates.ts';
import { unpinSelf } from './pinning.ts';
import type { Comparison } from './record.ts';
import { type Row, type Scenario, takes } from './scenarios.ts';
import { type Line, say } from './session.ts';
import { startSink } from './sink.ts';
import { type Place, runWorkload } from './workload.ts';

const DEADLINE_MS = 900_000;

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

function countRun(candidate: Candidate, scenario: Scenario, place: Place): Promise<number> {
  const runCounted = (node: readonly string[]) => runWorkload(candidate, scenario, { ...place, node, deadlineMs: DEADLINE_MS });
  return countWith(cachegrind, runCounted, place.node ?? [process.execPath]);
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
