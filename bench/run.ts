// npm run bench: what each candidate adds to the same work, measured in interleaved rounds of one run. Usage:
//   npm run bench                                          all but the instructions; writes docs/benchmark.md and docs/benchmark/
//   npm run bench -- --part tail|instructions|scale        one part of the page (npm run bench:tail, bench:instructions, bench:scale)
//   npm run bench -- [--quick] [--node 24] [--only pg,redis] [--candidates bare,sietch] [--rounds 3] [--no-build]      prints
// `--quick`, `--only` and `--candidates` write nothing.

import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { ROOT } from '../test/support/checkout.ts';
import { findValgrind } from '../test/support/instructions.ts';
import type { NodeMajor } from '../test/support/node-versions.ts';
import { compare, type Effort } from './comparison.ts';
import { compareInstructions } from './instructions.ts';
import { renderComparison, writePage } from './page.ts';
import { type Comparison, type Part, writeRecord } from './record.ts';
import { measureScale } from './scale.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';
import { Session } from './session.ts';
import { measureTail } from './tail.ts';

/** Of the lines beside the first, what an operation costs. */
const CORE = ['start', 'first-request', 'pg', 'redis', 'hello', 'endpoint'];
const CORE_CANDIDATES = ['bare', 'sietch', 'upstream'];
const COUNTED_CANDIDATES = [...CORE_CANDIDATES, 'dd-trace'];

interface Plan {
  readonly major: NodeMajor;
  /** At least. */
  readonly rounds: number;
  readonly minutes: number;
  readonly only?: readonly string[];
  readonly candidates?: readonly string[];
}

/** What a full run makes: less than half an hour on two cores. */
const PLAN: readonly Plan[] = [
  { major: '24', rounds: 2, minutes: 13 },
  { major: '20', rounds: 1, minutes: 2.5, only: CORE, candidates: CORE_CANDIDATES },
  { major: '26', rounds: 1, minutes: 2.5, only: CORE, candidates: CORE_CANDIDATES },
];
/** The median of three leaves out a round in which the machine stood still. */
const TAIL_ROUNDS = 3;
const TAIL_MINUTES = 4;
const SCALE_MINUTES = 5;
const OTHER_MINUTES = 10;
const ATTEMPTS = 3;
const MAJORS = ['20', '22', '24', '26'] as const;
const PARTS = ['all', 'tail', 'instructions', 'scale'] as const;

type Options = ReturnType<typeof readOptions>;

async function main(): Promise<void> {
  const options = readOptions();
  if (options.build) execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
  if (options.part === 'instructions') await findValgrind();
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
    case 'scale':
      yield ['scale', await scale(session, options, major)];
      return;
    default:
      for (const { major: each, rounds, minutes, only, candidates } of options.majors.map(planOf)) {
        const line = await session.line(each, options.candidates ?? candidates);
        yield [`node-${each}`, await compare(line, pick(options.only ?? only), options.effort(rounds, minutes))];
      }
      if (!options.complete || options.majors.length === 1) return;
      yield ['tail', await tail(session, options, major)];
      yield ['scale', await scale(session, options, major)];
  }
}

function planOf(major: NodeMajor): Plan {
  return PLAN.find((plan) => plan.major === major) ?? { major, rounds: 2, minutes: OTHER_MINUTES };
}

async function tail(session: Session, options: Options, major: NodeMajor): Promise<Comparison> {
  return measureTail(await session.line(major, options.candidates ?? CORE_CANDIDATES), options.effort(TAIL_ROUNDS, TAIL_MINUTES));
}

async function scale(session: Session, options: Options, major: NodeMajor): Promise<Comparison> {
  return measureScale(await session.line(major, options.candidates ?? CORE_CANDIDATES), options.effort(1, SCALE_MINUTES), options.only);
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
    effort: (atLeast: number, minutes: number): Effort =>
      rounds === undefined
        ? { atLeast: values.quick ? 1 : atLeast, atMost: values.quick ? 1 : 11, minutes, attempts }
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
