// Runs the app as its user would, with the preload added, and reads the diagnostics that it prints.
import type { Environment } from '../config/read.js';
import { diagnostics, type Finding, type FindingCode, isFindingCode } from '../diagnose/codes.js';
import { ProcessGroup, within } from './process-group.js';
import { ProcessReports } from './process-reports.js';

export interface AppRunOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Environment;
  /** By its configuration: then no report of it is expected. */
  readonly startsNothing: boolean;
  /** How long it is watched once its event loop turns, in ms; then it gets SIGTERM. */
  readonly watchMs: number;
  /** The preload, as a path. */
  readonly preload: string;
  /** Gets what the app prints. */
  readonly onLine: (line: string) => void;
  /** Ends the watch. */
  readonly stop?: AbortSignal;
}

/** From SIGTERM to SIGKILL. */
const GRACE_MS = 5000;
/** Time between the self-check and the end of the watch. */
const CHECK_BEFORE_END_MS = 500;
/** Longest until a process of the command is observed. Commands compile and install before. */
const START_MS = 30_000;
/** Longest until its event loop turns: apps load thousands of modules. */
const LOAD_MS = 60_000;
/** Longest wait for the self-check, which asks the collector and may take five seconds. */
const SELF_CHECK_MS = 6000;
/** Longest until a command that has ended is silent. */
const CLOSE_MS = 5000;
/** Bound of the findings. Each cause is reported once. */
const MAX_FINDINGS = 1000;
const LINE = /\[sietch-otel\] (?:warn|error) (SIETCH\d{3}) (.*?)(?: Remedy: .*)?$/;

export async function runApp(options: AppRunOptions): Promise<Finding[]> {
  const { command, args, onLine } = options;
  const findings: Finding[] = [];
  const reports = new ProcessReports();
  const group = new ProcessGroup({
    command,
    args,
    env: appEnvironment(options),
    onLine: (line) => {
      const [, code = '', message = ''] = LINE.exec(line) ?? [];
      if (!isFindingCode(code)) {
        if (!reports.read(line)) onLine(line);
      } else if (findings.length < MAX_FINDINGS) findings.push({ code, detail: detailOf(code, message) });
    },
  });
  const ended = Promise.all([group.exited, group.closed]).then(() => true);
  const isOver = await watch(options, group, reports, ended);
  await group.end(GRACE_MS);
  const end = await within(0, group.exited);
  if (end?.startsWith('cannot be started')) return [{ code: 'SIETCH138', detail: `${command} ${end}` }];
  return [
    ...findings,
    ...(options.startsNothing ? [] : judge(reports, [command, ...args].join(' '))),
    ...(isOver && end !== undefined && end !== 'exit code 0' ? ([{ code: 'SIETCH135', detail: end }] as const) : []),
  ];
}

/** Whether the command has ended by itself. */
async function watch(
  { watchMs, stop }: AppRunOptions,
  group: ProcessGroup,
  reports: ProcessReports,
  ended: Promise<boolean>,
): Promise<boolean> {
  const over = Promise.race([ended, silentAfterExit(group, reports), stopped(stop)]);
  const steps: readonly [ms: number, until: () => Promise<unknown>][] = [
    [Math.max(START_MS, watchMs), () => reports.until(() => reports.hasStarted)],
    [LOAD_MS + watchMs, () => reports.untilWatched(watchMs)],
    [SELF_CHECK_MS, () => reports.until(() => reports.allChecked)],
  ];
  for (const [ms, until] of steps) {
    const isOver = await within(ms, Promise.race([over, until().then(() => undefined)]));
    if (isOver !== undefined) return isOver;
  }
  return false;
}

/**
 * A command that has ended and left a process behind that was never observed: there is nothing to
 * watch.
 */
async function silentAfterExit(group: ProcessGroup, reports: ProcessReports): Promise<boolean> {
  await group.exited;
  const started = await within(CLOSE_MS, Promise.race([reports.until(() => reports.hasStarted), group.closed]));
  return started === undefined || !reports.hasStarted ? true : new Promise(() => {});
}

function stopped(stop: AbortSignal | undefined): Promise<boolean> {
  return new Promise((resolve) => {
    if (stop?.aborted === true) resolve(false);
    stop?.addEventListener('abort', () => resolve(false), { once: true });
  });
}

/**
 * Findings about the processes: without a report of its self-check, a process does not count as
 * checked.
 */
function judge(reports: ProcessReports, commandLine: string): Finding[] {
  if (!reports.hasStarted) return [{ code: 'SIETCH134', detail: commandLine }];
  const { unchecked, hasDoctorsPreloadOnly } = reports;
  const ids = unchecked.slice(0, 10).join(', ');
  return [
    ...(unchecked.length > 0 ? ([{ code: 'SIETCH150', detail: `process ${ids}` }] as const) : []),
    ...(hasDoctorsPreloadOnly ? ([{ code: 'SIETCH151', detail: commandLine }] as const) : []),
  ];
}

function appEnvironment({ env, preload, watchMs }: AppRunOptions): NodeJS.ProcessEnv {
  return {
    ...env,
    NODE_OPTIONS: `${env['NODE_OPTIONS'] ?? ''} --require ${JSON.stringify(preload)}`.trim(),
    SIETCH_OTEL_BANNER: 'off',
    SIETCH_OTEL_DIAGNOSE_AFTER_MS: String(Math.max(1, watchMs - CHECK_BEFORE_END_MS)),
    SIETCH_OTEL_DIAGNOSE_ALL: 'on',
    OTEL_LOG_LEVEL: 'warn',
  };
}

/** A line begins with the text of its code, unless an older version of this package wrote it. */
function detailOf(code: FindingCode, message: string): string {
  const { what } = diagnostics()[code];
  return message.startsWith(what) ? message.slice(what.length).replace(/^: /, '') : message;
}
