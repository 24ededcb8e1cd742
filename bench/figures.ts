// Tables of figures as markdown: what each candidate adds to bare or by which factor it differs, in pairs of one round.

import { BARE_AGAIN, type Comparison, type Figures } from './record.ts';
import { medianInterval, summarize } from './statistics.ts';

/** Deno is set against itself. */
const BASES: Readonly<Record<string, string>> = { deno: 'deno-bare' };

/** The medians, a line for each row and a column for each candidate. */
export function medians(comparison: Comparison, figures: readonly Figures[] = comparison.figures): string[] {
  return tableOf(comparison, figures, (row, values) => format(row, summarize(values).median));
}

/** Where the medians lie with 95 % confidence. */
export function intervals(comparison: Comparison, figures: readonly Figures[] = comparison.figures): string[] {
  return tableOf(comparison, figures, (row, values) => {
    const { low, high } = medianInterval(values);
    return `${format(row, low)} … ${format(row, high)}`;
  });
}

/** The least of the rounds, of each candidate by itself. */
export function leasts(comparison: Comparison, figures: readonly Figures[]): string[] {
  const alone = figures.map((row): Figures => ({ ...row, against: 'alone' }));
  return tableOf(comparison, alone, (row, values) => format(row, Math.min(...values)));
}

/** The rows that have a goal on this line of Node.js: what we add, what upstream adds, the goal, and whether it is met. */
export function goals({ figures }: Comparison, major: string): string[] {
  const rows = figures.flatMap((row) => {
    const goal = row.goals?.[major];
    if (goal === undefined) return [];
    const [ours = Number.NaN, upstream = Number.NaN] = ['sietch', 'upstream'].map((name) => summarize(against(row, name)).median);
    const isMet = row.against === 'factor' ? ours >= goal : ours <= goal;
    return [[row.title, row.unit, format(row, ours), format(row, upstream), format(row, goal), isMet ? 'met' : 'missed']];
  });
  return rows.length === 0 ? [] : markdownTable(['', '', 'sietch', 'upstream', 'goal', ''], rows);
}

export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), `|${head.map((_, index) => (index < 1 ? '---|' : '--:|')).join('')}`, ...rows.map(line)];
}

/** What a candidate is shown by in each round: itself where it is bare or alone, else the difference or the factor. */
export function against({ rounds, against: how }: Figures, name: string): readonly number[] {
  const own = rounds[name] ?? [];
  const base = BASES[name] ?? 'bare';
  if (isBase(name) || how === 'alone') return own;
  return own.map((value, round) => {
    const first = rounds[base]?.[round] ?? Number.NaN;
    const bare = (first + (rounds[base === 'bare' ? BARE_AGAIN : base]?.[round] ?? first)) / 2;
    return how === 'factor' ? value / bare : value - bare;
  });
}

function format(row: Figures, value: number): string {
  if (Number.isNaN(value)) return '–';
  if (row.against === 'alone') return value.toFixed(row.unit === 'requests/s' ? 0 : row.digits);
  const text = value.toFixed(row.digits);
  if (row.against === 'factor') return `×${text}`;
  return value < 0 ? text.replace('-', '−') : `+${text}`;
}

export function isBase(name: string): boolean {
  return name === 'bare' || Object.values(BASES).includes(name);
}

function tableOf(comparison: Comparison, figures: readonly Figures[], cell: (row: Figures, values: readonly number[]) => string): string[] {
  const names = comparison.candidates.filter((name) => figures.some(({ rounds }) => name in rounds));
  const rows = figures.map((row) => [
    row.title,
    row.unit,
    ...names.map((name) => (name in row.rounds ? cell(isBase(name) ? { ...row, against: 'alone' } : row, against(row, name)) : '–')),
  ]);
  return markdownTable(['', '', ...names], rows);
}
