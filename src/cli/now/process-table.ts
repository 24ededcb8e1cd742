// Draws the table of several processes: a row for each, those of a service beside one another.
import type { ProcessState } from '../../now/process-state.js';
import type { Paper } from '../../view/paper.js';
import type { AskedAnswer } from './answers.js';
import { nameOf } from './answers.js';
import { type Cell, type Column, drawTable } from './table.js';
import { seconds } from './units.js';

const COLUMNS: readonly Column[] = [
  { title: 'SERVICE', least: 12 },
  { title: 'PID', align: 'right' },
  { title: 'UPTIME', align: 'right' },
  { title: 'REQUESTS', align: 'right' },
  { title: 'JOBS', align: 'right' },
  { title: 'OLDEST', align: 'right' },
  { title: 'LOOP', align: 'right' },
];
/** Seconds after which a request or job is marked. */
export const OLD_S = 30;
/** Seconds after which a turn of the event loop is. */
export const SLOW_LOOP_S = 0.1;

export function drawProcesses(answers: readonly AskedAnswer[], paper: Paper): string[] {
  const sorted = [...answers].sort((one, other) => nameOf(one).localeCompare(nameOf(other)) || one.process.pid - other.process.pid);
  const numbers = new Map<string, number>();
  for (const answer of sorted) numbers.set(nameOf(answer), (numbers.get(nameOf(answer)) ?? 0) + 1);
  let before: string | undefined;
  const rows = sorted.map((answer) => {
    const name = nameOf(answer);
    const number = numbers.get(name) ?? 1;
    const title = name === before ? '' : `${name}${number > 1 ? ` (${number})` : ''}`;
    before = name;
    const { kind } = answer.answer;
    return [
      title,
      String(answer.process.pid),
      ...(kind === 'state' ? stateCells(answer.answer.state) : [{ text: '?', mark: 'alarm' } as const]),
    ];
  });
  return drawTable(COLUMNS, rows, paper);
}

function stateCells({ uptime, counts, requests, jobs, eventLoop }: ProcessState): Cell[] {
  const oldest = Math.max(0, requests[0]?.age ?? 0, jobs[0]?.age ?? 0);
  return [
    seconds(uptime),
    String(counts.requests),
    String(counts.jobs),
    oldest === 0 ? '-' : marked(seconds(oldest), oldest >= OLD_S),
    marked(seconds(eventLoop.delay), eventLoop.delay >= SLOW_LOOP_S),
  ];
}

export function marked(text: string, isAlarm: boolean): Cell {
  return isAlarm ? { text, mark: 'alarm' } : text;
}
