// docs/benchmark.md, made of the records beside it.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../test/support/checkout.ts';
import { goals, intervals, leasts, markdownTable, medians } from './figures.ts';
import { orderTable } from './order.ts';
import { plotScale } from './plot.ts';
import { type Comparison, type Part, readRecord } from './record.ts';

/** The first is the line that most run: its table comes first, and goes into the README. */
const LINES = ['node-24', 'node-20', 'node-26'] as const satisfies readonly Part[];

export function writePage(): void {
  const lines = LINES.flatMap((part) => readRecord(part) ?? []);
  const [main, ...others] = lines;
  const scale = readRecord('scale');
  if (scale !== undefined) writeFileSync(join(ROOT, 'docs', 'images', 'scale.svg'), plotScale(scale));
  const text = [
    '# Benchmark',
    '',
    'What each adds to the same app without it (column `bare`); ×: the factor by which it differs. Medians; made by `npm run bench`.',
    '',
    ...(main === undefined ? [] : mainSections(main, readRecord(LINES[0], 'before'))),
    ...others.flatMap((comparison) => [...section(`Node.js ${majorOf(comparison)}`, comparison, ''), ...faults(comparison)]),
    ...lines.flatMap(goalsSection),
    ...tailSection(),
    ...partSection('instructions', 'Instructions', INSTRUCTIONS),
    ...partSection('scale', 'Scale', SCALE),
    ...REPEAT,
  ];
  writeFileSync(join(ROOT, 'docs', 'benchmark.md'), `${text.join('\n').trimEnd()}\n`);
}

/** The whole of one comparison, for standard output. */
export function renderComparison(comparison: Comparison): string {
  return [...section('Figures', comparison, ''), ...denoSection(comparison), ...spanSections([comparison])].join('\n');
}

const GOALS = `Set on another machine, on which upstream takes a third to four fifths of the CPU time that it takes on this one.
[Where the rest goes](performance.md#where-it-goes).`;

const TAIL = `The service at a constant rate, 50 % and 80 % of what bare does at most in that run. A latency is counted from when its request was due, not from
when it was sent: a server that falls behind is not asked less. Event loop and garbage collector are watched in the app, bare too.`;

const LEAST = `The least of the rounds. What stalls the machine meets some of them, and decides their 99th percentile; what stalls the app itself meets all.`;

const INSTRUCTIONS = `Instructions that the process executes in user space, all threads, counted by valgrind's cachegrind, which sees what V8's compiler makes too: a long
run less a short one, by the operations between. Not counted: the kernel (sockets, timers), cache misses, waiting; so they are not time, and depend little
on what else the machine does. Counted with one thread for V8 (\`--single-threaded\`, fixed seeds), one connection where the row has no more, slow-operation
records and the batch timer off, since everything is thirty times as slow there. Made by \`npm run bench:instructions\`.`;

const SCALE = `What an operation costs, against load, lanes, distinct names and processes. \`npm run bench:scale\` makes it alone.

![Cost of an operation against load, lanes, distinct names and processes](images/scale.svg)`;

const REPEAT = [
  '## Repeat it',
  '',
  'One command makes all of this but the instructions, in about half an hour on two cores that do nothing else:',
  '',
  '    npm run bench',
  '',
  'It needs Node.js 20.20 or later and npm; the other lines of Node.js, the peers, PostgreSQL and, on Debian, Redis come from npm and Debian into a cache',
  'folder. The raw figures of each round are in [benchmark/](benchmark/). A round in which the two runs of bare, its first and its last, are more than 10 %',
  'apart was spoilt by something else on the machine: it is measured again, at most twice and while the run has time, and listed. [How it is measured](performance.md#measure-it).',
];

function mainSections(comparison: Comparison, before: Comparison | undefined): string[] {
  return [
    ...medians(comparison, nodeFigures(comparison)),
    '',
    ...conditions(comparison),
    '',
    '## Confidence',
    '',
    `Where each median lies with 95 % confidence (bootstrap over ${comparison.rounds} rounds).`,
    '',
    ...intervals(comparison, nodeFigures(comparison)),
    '',
    ...orderSection(comparison, before),
    ...spanSections([comparison]),
    ...denoSection(comparison),
  ];
}

function orderSection(comparison: Comparison, before: Comparison | undefined): string[] {
  const runs =
    before === undefined ? '' : ` Beside it the run before, ${treeOf(before)} of ${before.measured}; this one is ${treeOf(comparison)}.`;
  return [
    '## Order',
    '',
    `The cheapest first (of requests a second the most); \`=\` stands between those whose intervals above overlap.${runs}`,
    '',
    ...orderTable(comparison, before),
    '',
  ];
}

const treeOf = ({ versions }: Comparison): string => versions.find((version) => version.startsWith('@sietch/otel')) ?? '';

function goalsSection(comparison: Comparison): string[] {
  const table = goals(comparison, majorOf(comparison));
  return table.length === 0 ? [] : [`## Goals on Node.js ${majorOf(comparison)}`, '', GOALS, '', ...table, ''];
}

function tailSection(): string[] {
  const comparison = readRecord('tail');
  if (comparison === undefined) return [];
  const latencies = comparison.figures.filter(({ against }) => against === 'factor');
  return [
    ...section('Latency under a constant rate', comparison, TAIL),
    ...faults(comparison),
    LEAST,
    '',
    ...leasts(comparison, latencies),
    '',
  ];
}

function partSection(part: Part, title: string, intro: string): string[] {
  const comparison = readRecord(part);
  return comparison === undefined ? [] : [...section(title, comparison, intro), ...faults(comparison)];
}

function section(title: string, comparison: Comparison, intro: string): string[] {
  const sure = comparison.rounds < 2 ? [] : ['', '95 % confidence:', '', ...intervals(comparison, nodeFigures(comparison))];
  return [
    `## ${title}`,
    '',
    ...(intro === '' ? [] : [intro, '']),
    ...medians(comparison, nodeFigures(comparison)),
    '',
    ...conditions(comparison),
    ...sure,
    '',
  ];
}

/** The figures of what runs on Node.js. */
function nodeFigures({ figures }: Comparison): Comparison['figures'] {
  return figures.map((row) => ({
    ...row,
    rounds: Object.fromEntries(Object.entries(row.rounds).filter(([name]) => !name.startsWith('deno'))),
  }));
}

function denoSection(comparison: Comparison): string[] {
  const figures = comparison.figures.filter(({ rounds }) => 'deno' in rounds);
  if (figures.length === 0) return [];
  return [
    '## Beside a runtime that traces by itself',
    '',
    'Deno records traces natively, in Rust. It is set against Deno without them (`deno-bare`), the others against bare Node.js.',
    '',
    ...medians(comparison, figures),
    '',
  ];
}

function spanSections(comparisons: readonly Comparison[]): string[] {
  return comparisons.flatMap(({ candidates, spans, problems, repeated }) => {
    const names = candidates.filter((name) => Object.values(spans).some((own) => name in own));
    const rows = Object.entries(spans)
      .filter(([, own]) => Object.keys(own).length > 0)
      .map(([scenario, own]) => [scenario, ...names.map((name) => own[name]?.toFixed(2) ?? '–')]);
    return [
      '## Spans',
      '',
      'Spans that arrived for each operation. Whoever sends more pays for more. The peers record traces only; `sietch` runs with its defaults: duration',
      'metrics, SQL comments and the metrics endpoint on.',
      '',
      ...markdownTable(['', ...names], rows),
      '',
      ...faults({ problems, repeated }),
    ];
  });
}

function faults({ problems, repeated }: Pick<Comparison, 'problems' | 'repeated'>): string[] {
  return [
    ...listed('All spans arrived.', 'Not all spans arrived:', problems),
    ...listed('No round was spoilt.', 'Spoilt rounds:', repeated),
  ];
}

function listed(none: string, some: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [none, ''] : [some, '', ...lines.map((line) => `- ${line}`), ''];
}

function conditions({ measured, node, machine, servers, versions, rounds, minutes }: Comparison): string[] {
  return [
    `Measured ${measured}: Node ${node}; ${machine}; ${servers.join(', ')}; ${rounds} interleaved ${rounds === 1 ? 'round' : 'rounds'} in ${minutes.toFixed(0)} minutes, pairs against bare.`,
    '',
    `Versions: ${[...new Set(versions)].join(', ')}.`,
  ];
}

function majorOf({ node }: Comparison): string {
  return node.replace(/^v(\d+).*/, '$1');
}
