// The report as markdown: what each candidate adds, how sure that is, and on what machine it was.

import { execFileSync } from 'node:child_process';
import { cpus, loadavg, totalmem } from 'node:os';
import { installedVersion } from './app-folder.ts';
import { type Candidate, WORKLOAD_PACKAGES } from './candidates.ts';
import { canPin } from './pinning.ts';
import type { Row, Scenario } from './scenarios.ts';
import { type Summary, summarize } from './statistics.ts';
import type { Measurement } from './workload.ts';

/** Measurements by scenario and candidate, in the order of the rounds. */
export type Results = Map<Scenario, Map<string, Measurement[]>>;

export interface Run {
  readonly results: Results;
  readonly candidates: readonly Candidate[];
  readonly rounds: number;
  readonly quick: boolean;
  readonly problems: readonly string[];
  readonly folders: ReadonlyMap<string, string>;
  readonly servers: readonly string[];
}

export function renderReport(run: Run): string {
  const lines = [
    '# Benchmark',
    '',
    'What each adds to the same app without it (column `bare`); ×: the factor by which it differs. Medians; made by `npm run bench`.',
    '',
    ...table(run, (row, summary) => format(row, summary.median)),
    '',
    ...conditions(run),
    '',
    '## Spreads',
    '',
    'Lowest and highest of the rounds.',
    '',
    ...table(run, (row, { min, max }) => `${format(row, min)} … ${format(row, max)}`),
    '',
    '## Spans',
    '',
    'Spans that arrived for each operation. Whoever sends more pays for more.',
    '',
    ...spanTable(run),
    '',
    ...(run.problems.length === 0
      ? ['All spans arrived.']
      : ['Not all spans arrived:', '', ...run.problems.map((problem) => `- ${problem}`)]),
    '',
  ];
  return lines.join('\n');
}

function table(run: Run, cell: (row: Row, summary: Summary) => string): string[] {
  const names = run.candidates.map(({ name }) => name);
  const lines = [header(['', '', ...names])];
  for (const [scenario, measured] of run.results) {
    for (const row of scenario.rows) {
      const cells = names.map((name) => cellOf(row, measured, name, cell));
      lines.push(`| ${[row.title, row.unit, ...cells].join(' | ')} |`);
    }
  }
  return lines;
}

function header(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |\n|${cells.map((_, index) => (index < 1 ? '---|' : '--:|')).join('')}`;
}

function cellOf(row: Row, measured: Map<string, Measurement[]>, name: string, cell: (row: Row, summary: Summary) => string): string {
  const own = measured.get(name);
  if (own === undefined) return '–';
  const bare = measured.get('bare');
  if (name === 'bare' || row.against === 'alone' || bare === undefined) {
    return cell({ ...row, against: 'alone' }, summarize(own.map(row.value)));
  }
  const pairs = own.map((measurement, round) => {
    const other = bare[round];
    const base = other === undefined ? Number.NaN : row.value(other);
    return row.against === 'factor' ? row.value(measurement) / base : row.value(measurement) - base;
  });
  return cell(row, summarize(pairs));
}

function format(row: Row, value: number): string {
  if (row.against === 'alone') return value.toFixed(row.unit === 'requests/s' ? 0 : row.digits);
  const text = value.toFixed(row.digits);
  if (row.against === 'factor') return `×${text}`;
  return value < 0 ? text.replace('-', '−') : `+${text}`;
}

function spanTable(run: Run): string[] {
  const names = run.candidates.map(({ name }) => name).filter((name) => name !== 'bare');
  const lines = [header(['', ...names])];
  for (const [scenario, measured] of run.results) {
    if (scenario.spans === 0) continue;
    const cells = names.map((name) => {
      const own = measured.get(name) ?? [];
      const share = scenario.requests[run.quick ? 1 : 0] / (scenario.warmUp[run.quick ? 1 : 0] + scenario.requests[run.quick ? 1 : 0]);
      return own.length === 0 ? '–' : summarize(own.map(({ spans, operations }) => (spans * share) / operations)).median.toFixed(2);
    });
    lines.push(`| ${[scenario.name, ...cells].join(' | ')} |`);
  }
  return lines;
}

function conditions(run: Run): string[] {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const day = new Date().toISOString().slice(0, 10);
  const pinning = canPin
    ? 'app and servers on one core, load and receiver on another'
    : 'processes not kept on cores (no taskset, or one core)';
  return [
    `Measured ${day}: Node ${process.version}, ${cpus().length} × ${cpu?.model ?? 'CPU'}, ${memory} GB, ${process.platform} ${process.arch}; ` +
      `${run.servers.join(', ')}; ${run.rounds} interleaved rounds${run.quick ? ' (quick)' : ''}, pairs against bare; ${pinning}; ` +
      `load average ${loadavg()[0]?.toFixed(1)} at the end.`,
    ...(run.quick ? ['', 'Quick: hardly any warm-up, so all figures are high. They show who is ahead; quote those of a full run.'] : []),
    '',
    `Versions: ${versions(run).join(', ')}.`,
    '',
    'Traces go over OTLP http/protobuf (dd-trace: its own protocol) to a receiver that decodes and counts every span. The peers record traces',
    'only; `sietch` runs with its defaults: duration metrics, SQL comments and the metrics endpoint on. CPU is user and system time of all',
    'threads, from the end of a warm-up to the end of the process: what is sent at exit is paid for.',
  ];
}

function versions({ candidates, folders }: Run): string[] {
  return candidates.flatMap(({ name, packages }) => {
    const folder = folders.get(name) ?? '';
    const own = name === 'bare' ? Object.keys(WORKLOAD_PACKAGES) : name === 'sietch' ? ['@sietch/otel'] : Object.keys(packages);
    return own.map((each) =>
      each === '@sietch/otel' ? `${installedVersion(folder, each)} (${commit()})` : installedVersion(folder, each),
    );
  });
}

function commit(): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty', '--exclude', '*'], { encoding: 'utf8' }).trim();
  } catch {
    return 'no commit';
  }
}
