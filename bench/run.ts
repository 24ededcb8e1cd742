// npm run bench: what each candidate adds to the same work, measured in interleaved rounds of one run. Usage:
//   npm run bench                                          all lines of Node.js and the latencies; writes docs/benchmark.md and docs/benchmark/
//   npm run bench -- --part tail|instructions|scale        one part of the page (npm run bench:tail, bench:instructions, bench:scale)
//   npm run bench -- [--quick] [--node 24] [--only pg,redis] [--candidates bare,sietch] [--rounds 3] [--no-build]      prints
// `--quick`, `--only` and `--candidates` write nothing.

import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { ROOT } from '../test/support/checkout.ts';
import type { NodeMajor } from '../test/support/node-versions.ts';
import { compare, type Effort } from './comparison.ts';
import { compareInstructions, findValgrind } from './instructions.ts';
import { renderComparison, writePage } from './page.ts';
import { type Comparison, type Part, writeRecord } from './record.ts';
import { measureScale } from './scale.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';
import { Session } from './session.ts';
import { measureTail } from './tail.ts';

/** Of the lines beside the first, what an operation costs. */
const CORE = ['start', 'first-request', 'pg', 'pg-pool', 'redis', 'hello', 'endpoint'];
const CORE_CANDIDATES = ['bare', 'sietch', 'upstream'];
const COUNTED_CANDIDATES = [...CORE_CANDIDATES, 'dd-trace'];

interface Plan {
  readonly major: NodeMajor;
  readonly minutes: number;
  readonly only?: readonly string[];
  readonly candidates?: readonly string[];
}

/** What a full run makes. Two rounds of the first line take about 20 minutes on two cores, more than it is given, so nothing is measured again there. */
const PLAN: readonly Plan[] = [
  { major: '24', minutes: 15.5 },
  { major: '20', minutes: 4.5, only: CORE, candidates: CORE_CANDIDATES },
  { major: '26', minutes: 4.5, only: CORE, candidates: CORE_CANDIDATES },
];
const TAIL_MINUTES = 4;
const SCALE_MINUTES = 8;
const OTHER_MINUTES = 10;
const ATTEMPTS = 3;
const MAJORS = ['20', '22', '24', '26'] as const;
const PARTS = ['all', 'tail', 'instructions', 'scale'] as const;

type Options = ReturnType<typeof readOptions>;

async function main(): Promise<void> {
  const options = readOptions();
  if (options.build) execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
  if (options.part === 'instructions' || options.part === 'scale') await findValgrind();
  const session = await Session.open(options.quick);
  try {
    for await (const [part, comparison] of measure(session, options)) {
      process.stdout.write(`\n${renderComparison(comparison)}\n`);
      if (!options.complete) continue;
      writeRecord(part, comparison);
      writePage();
    }
  } finally {
    await session.close();
  }
}

async function* measure(session: Session, options: Options): AsyncGenerator<[Part, Comparison]> {
  const [major = '24'] = options.majors;
  switch (options.part) {
    case 'tail':
      yield ['tail', await tail(session, options, major)];
      return;
    case 'instructions': {
      const line = await session.line(major, options.candidates ?? COUNTED_CANDIDATES);
      yield ['instructions', await compareInstructions(line, pick(options.only))];
      return;
    }
    case 'scale': {
      const line = await session.line(major, options.candidates ?? CORE_CANDIDATES);
      yield ['scale', await measureScale(line, options.effort(SCALE_MINUTES), options.only)];
      return;
    }
    default:
      for (const { major: each, minutes, only, candidates } of options.majors.map(planOf)) {
        const line = await session.line(each, options.candidates ?? candidates);
        yield [`node-${each}`, await compare(line, pick(options.only ?? only), options.effort(minutes))];
      }
      if (options.complete && options.majors.length > 1) yield ['tail', await tail(session, options, major)];
  }
}

function planOf(major: NodeMajor): Plan {
  return PLAN.find((plan) => plan.major === major) ?? { major, minutes: OTHER_MINUTES };
}

async function tail(session: Session, options: Options, major: NodeMajor): Promise<Comparison> {
  return measureTail(await session.line(major, options.candidates ?? COUNTED_CANDIDATES), options.effort(TAIL_MINUTES));
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      part: { type: 'string', default: 'all' },
      node: { type: 'string' },
      only: { type: 'string' },
      candidates: { type: 'string' },
      rounds: { type: 'string' },
      'no-build': { type: 'boolean', default: false },
    },
  });
  const part = PARTS.find((each) => each === values.part);
  if (part === undefined) throw new RangeError(`--part: expected one of ${PARTS.join(', ')}, got ${values.part}`);
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0)) {
    throw new RangeError(`--rounds: expected a whole number of at least 1, got ${values.rounds}`);
  }
  const attempts = values.quick ? 1 : ATTEMPTS;
  return {
    quick: values.quick,
    part,
    build: !values['no-build'],
    majors: values.node?.split(',').map(majorOf) ?? (values.quick ? (['24'] as const) : PLAN.map(({ major }) => major)),
    only: values.only?.split(','),
    candidates: values.candidates?.split(','),
    /** Whether it is what the page shows. */
    complete: !values.quick && values.only === undefined && values.candidates === undefined,
    effort: (minutes: number): Effort =>
      rounds === undefined
        ? { atLeast: values.quick ? 1 : 2, atMost: values.quick ? 1 : 11, minutes, attempts }
        : { atLeast: rounds, atMost: rounds, minutes: 0, attempts },
  };
}

function majorOf(text: string): NodeMajor {
  const found = MAJORS.find((major) => major === text);
  if (found === undefined) throw new RangeError(`--node: expected some of ${MAJORS.join(', ')}, got ${text}`);
  return found;
}

function pick(names: readonly string[] | undefined): readonly Scenario[] {
  if (names === undefined) return SCENARIOS;
  return names.map((name) => {
    const found = SCENARIOS.find((scenario) => scenario.name === name);
    if (found === undefined) throw new RangeError(`--only: expected some of ${SCENARIOS.map((each) => each.name).join(', ')}, got ${name}`);
    return found;
  });
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
