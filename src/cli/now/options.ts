// The command line of `sietch-otel now`.
import { parseArguments, UsageError } from '../command.js';

export const EXIT_NONE = 1;
export const EXIT_SILENT = 3;
const DEFAULT_MOST = 50;
const MAX_MOST = 1_000;
export const USAGE = `Usage: sietch-otel now [pid|service] [options]

Shows what the preloaded processes of this user on this machine do at this moment: open requests and active jobs with what
they wait for, who holds the connections of pools, Redis, circuit breakers, the event loop, memory and the export queues.
Several processes are a row each; one, or those of a pid or a service, are shown in full.
Exits with ${EXIT_NONE} when there is no such process, and with ${EXIT_SILENT} when one does not answer (its event loop is blocked).

  --watch       refresh each second, until q or Ctrl+C
  --json        print the state as JSON; with --watch a line each second
  --most <n>    entries of each section, the oldest first (default ${DEFAULT_MOST}, at most ${MAX_MOST})
  --all         processes of other users too, as root
  --color, --no-color
  --help
`;

const OPTIONS = {
  watch: { type: 'boolean' },
  json: { type: 'boolean' },
  most: { type: 'string' },
  all: { type: 'boolean' },
  color: { type: 'boolean' },
  'no-color': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

export interface NowOptions {
  /** A process id, or the name of a service. */
  readonly target: string | undefined;
  readonly isWatch: boolean;
  readonly isJson: boolean;
  readonly most: number;
  readonly ofAllUsers: boolean;
  /** Asked for or forbidden; undefined: as the terminal has it. */
  readonly colors: boolean | undefined;
}

/** @throws {UsageError} */
export function readOptions(argv: readonly string[]): NowOptions | 'help' {
  const { values, positionals } = parseArguments(argv, USAGE, { allowPositionals: true, options: OPTIONS });
  if (values.help === true) return 'help';
  if (positionals.length > 1) throw new UsageError(`Expected one process id or service, got ${positionals.length}\n\n${USAGE}`);
  const most = values.most ?? String(DEFAULT_MOST);
  if (!/^\d{1,4}$/.test(most) || Number(most) > MAX_MOST) {
    throw new UsageError(`Expected \`--most\` to be a number from 0 to ${MAX_MOST}, got ${JSON.stringify(most)}`);
  }
  return {
    target: positionals[0],
    isWatch: values.watch ?? false,
    isJson: values.json ?? false,
    most: Number(most),
    ofAllUsers: values.all ?? false,
    colors: values['no-color'] === true ? false : values.color,
  };
}

export function isProcessId(target: string): boolean {
  return /^[1-9]\d{0,9}$/.test(target);
}
