// npm run bench: what each candidate adds to the same work, measured in interleaved rounds of one run. Usage:
//   npm run bench -- [--quick] [--only pg,redis] [--candidates bare,sietch] [--rounds 3] [--no-build]
// A full run writes docs/benchmark.md; all print the table.

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from '../test/support/checkout.ts';
import { prepareFolder } from './app-folder.ts';
import { CANDIDATES, type Candidate } from './candidates.ts';
import { pinSelf } from './pinning.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';
import { startServers } from './servers.ts';
import { missingSpans } from './span-check.ts';
import { type Results, renderReport } from './table.ts';
import { type Measurement, type Place, runWorkload } from './workload.ts';

const ROUNDS = { full: 3, quick: 2 };

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

async function main(): Promise<void> {
  const options = readOptions();
  if (options.build) execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
  const folders = new Map<string, string>();
  for (const candidate of options.candidates) folders.set(candidate.name, await prepareFolder(candidate, say));
  const servers = await startServers(say);
  try {
    pinSelf();
    const results: Results = new Map();
    const problems: string[] = [];
    for (const scenario of options.scenarios) {
      const place = { ...servers.place, quick: options.quick };
      results.set(scenario, await measureScenario(scenario, options, folders, place, problems));
    }
    const report = renderReport({ ...options, results, problems, folders, servers: servers.names });
    process.stdout.write(`\n${report}`);
    if (!options.quick && options.complete) writeFileSync(join(ROOT, 'docs', 'benchmark.md'), report);
  } finally {
    await servers.stop();
  }
}

/** Each round runs every candidate once, beginning with another one each time; noise that lasts longer than a run then meets all of them. */
async function measureScenario(
  scenario: Scenario,
  { candidates, rounds }: Options,
  folders: ReadonlyMap<string, string>,
  place: Omit<Place, 'folder'>,
  problems: string[],
): Promise<Map<string, Measurement[]>> {
  const taking = candidates.filter(({ name }) => scenario.candidates?.includes(name) ?? true);
  const measured = new Map<string, Measurement[]>(taking.map(({ name }) => [name, []]));
  const began = performance.now();
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < taking.length; turn++) {
      const candidate = taking[(round + turn) % taking.length];
      if (candidate === undefined) continue;
      const measurement = await runWorkload(candidate, scenario, { ...place, folder: folders.get(candidate.name) ?? '' });
      measured.get(candidate.name)?.push(measurement);
      const missing = missingSpans(candidate, scenario, place, measurement.spans);
      if (missing !== undefined) problems.push(`${scenario.name}, ${candidate.name}, round ${round + 1}: ${missing}`);
    }
  }
  say(`${scenario.name}: ${rounds} rounds in ${((performance.now() - began) / 1000).toFixed(0)} s`);
  return measured;
}

type Options = ReturnType<typeof readOptions>;

function readOptions() {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      candidates: { type: 'string' },
      rounds: { type: 'string' },
      'no-build': { type: 'boolean', default: false },
    },
  });
  const rounds = Number(values.rounds ?? ROUNDS[values.quick ? 'quick' : 'full']);
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new RangeError(`--rounds: expected a whole number of at least 1, got ${values.rounds}`);
  return {
    quick: values.quick,
    build: !values['no-build'],
    rounds,
    scenarios: pick('--only', SCENARIOS, values.only),
    candidates: pick<Candidate>('--candidates', CANDIDATES, values.candidates),
    /** Whether it is the whole table. */
    complete: values.only === undefined && values.candidates === undefined,
  };
}

function pick<Item extends { name: string }>(flag: string, items: readonly Item[], names: string | undefined): readonly Item[] {
  if (names === undefined) return items;
  return names.split(',').map((name) => {
    const found = items.find((item) => item.name === name);
    if (found === undefined) throw new RangeError(`${flag}: expected some of ${items.map((item) => item.name).join(', ')}, got ${name}`);
    return found;
  });
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
