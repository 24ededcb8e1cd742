// `sietch-otel now`: shows what preloaded processes on this machine do at this moment.
import { type Paper, paperOf } from '../view/paper.js';
import type { Command } from './command.js';
import { type AskedAnswer, explain, processesOf } from './now/answers.js';
import { AskedProcesses } from './now/asked-processes.js';
import { EXIT_NONE, EXIT_SILENT, type NowOptions, readOptions, USAGE } from './now/options.js';
import { drawProcess } from './now/process-details.js';
import { drawProcesses } from './now/process-table.js';
import { Screen } from './now/screen.js';
import { drawLine } from './now/table.js';

const REFRESH_MS = 1_000;
/** Escape codes of one character, which JSON leaves as they are and terminals obey. */
const C1_CONTROLS = /[\u007f-\u009f]/g;

export const now: Command = async (argv) => {
  const options = readOptions(argv);
  if (options === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  if (process.geteuid === undefined) throw new Error('`sietch-otel now` works on Linux and macOS');
  const asked = new AskedProcesses(options);
  try {
    return await (options.isWatch ? watch(asked, options) : once(asked, options));
  } finally {
    asked.close();
  }
};

async function once(asked: AskedProcesses, options: NowOptions): Promise<number> {
  const answers = await asked.ask();
  if (options.isJson) process.stdout.write(`${toJson(answers)}\n`);
  else if (answers.length === 0) throw new Error(describeNone(options));
  else process.stdout.write(`${draw(answers, options, paperOf(process.stdout, options.colors)).join('\n')}\n`);
  return exitCode(answers);
}

async function watch(asked: AskedProcesses, options: NowOptions): Promise<number> {
  const screen = new Screen(!options.isJson, options.colors);
  const ended = screen.ended.then(() => undefined);
  let answers: AskedAnswer[] | undefined;
  try {
    for (;;) {
      const startedAt = performance.now();
      const next = await Promise.race([asked.ask(), ended]);
      if (next === undefined) return 0;
      answers = next;
      screen.draw(options.isJson ? [toJson(answers)] : frame(answers, options, screen.paper));
      const rest = delay(Math.max(0, startedAt + REFRESH_MS - performance.now()));
      if ((await Promise.race([rest.passed, ended])) === undefined) {
        rest.cancel();
        return 0;
      }
    }
  } finally {
    screen.close();
  }
}

function frame(answers: readonly AskedAnswer[], options: NowOptions, paper: Paper): string[] {
  const title = drawLine(`sietch-otel now  ${new Date().toLocaleTimeString('en-GB')}  q ends`, paper, 'dim');
  return [title, '', ...(answers.length === 0 ? [drawLine(describeNone(options), paper)] : draw(answers, options, paper)), ''];
}

function draw(answers: readonly AskedAnswer[], { target }: NowOptions, paper: Paper): string[] {
  const silent = answers.flatMap((each) => explain(each) ?? []).map((line) => drawLine(line, paper, 'alarm'));
  const isTable = target === undefined && answers.length > 1;
  if (isTable) return [...drawProcesses(answers, paper), ...(silent.length === 0 ? [] : ['', ...silent])];
  const details = answers.flatMap(({ answer }, at) =>
    answer.kind === 'state' ? [...(at === 0 ? [] : ['']), ...drawProcess(answer.state, paper)] : [],
  );
  return [...details, ...silent];
}

function toJson(answers: readonly AskedAnswer[]): string {
  return JSON.stringify(processesOf(answers)).replace(C1_CONTROLS, (control) => `\\u00${control.charCodeAt(0).toString(16)}`);
}

function describeNone({ target, ofAllUsers }: NowOptions): string {
  const whose = ofAllUsers ? 'of any user' : `of this user (uid ${process.geteuid?.()})`;
  const what =
    target === undefined ? `no preloaded process ${whose} was found` : `no preloaded process ${JSON.stringify(target)} ${whose} was found`;
  const more = ofAllUsers ? '' : '; as root, --all finds those of other users';
  return `${what}: it opens its socket about a second after its start, with the same temporary folder as this command, unless SIETCH_OTEL_NOW=off${more} (docs/now.md)`;
}

function exitCode(answers: readonly AskedAnswer[]): number {
  if (answers.length === 0) return EXIT_NONE;
  return answers.every(({ answer }) => answer.kind === 'state') ? 0 : EXIT_SILENT;
}

function delay(ms: number): { readonly passed: Promise<true>; cancel(): void } {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<true>((resolve) => {
    timer = setTimeout(() => resolve(true), ms);
  });
  return { passed, cancel: () => clearTimeout(timer) };
}
