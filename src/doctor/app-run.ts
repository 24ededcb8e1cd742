// Runs the app as its user would, with the preload added, and reads what the distribution says in it.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Environment } from '../config/read.js';
import { type CauseCode, causes, type Finding, isCauseCode } from './causes.js';

export interface AppRunOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Environment;
  /** How long it is watched, in ms; then it gets SIGTERM. */
  readonly watchMs: number;
  /** The preload, as a path. */
  readonly preload: string;
  /** Gets what the app prints. */
  readonly onLine: (line: string) => void;
}

/** From SIGTERM to SIGKILL. */
const GRACE_MS = 5000;
/** The process looks at itself so long before the end of the watch. */
const CHECK_BEFORE_END_MS = 500;
const SAID = /^\[sietch-otel\] (?:warn|error) (SIETCH\d{3}) (.*?)(?: Remedy: .*)?$/;
const STARTED = /^\[sietch-otel\] watched by the doctor$/;

export async function runApp(options: AppRunOptions): Promise<Finding[]> {
  const { command, args, watchMs, onLine } = options;
  const child = spawn(command, args, { env: appEnvironment(options), stdio: ['inherit', 'pipe', 'pipe'] });
  const findings: Finding[] = [];
  let started = false;
  const read = (line: string) => {
    started ||= STARTED.test(line);
    const [, code = '', detail = ''] = SAID.exec(line) ?? [];
    if (isCauseCode(code)) findings.push({ code, detail: withoutCause(code, detail) });
    else if (!STARTED.test(line)) onLine(line);
  };
  const reading = Promise.all([readLines(child.stdout, read), readLines(child.stderr, read)]);
  let stopped = false;
  const stop = setTimeout(() => {
    stopped = true;
    child.kill('SIGTERM');
  }, watchMs);
  const kill = setTimeout(() => child.kill('SIGKILL'), watchMs + GRACE_MS);
  const end = await new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`cannot be started: ${'code' in error ? error.code : error.name}`));
    child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  clearTimeout(stop);
  clearTimeout(kill);
  await reading;
  if (end.startsWith('cannot be started')) return [{ code: 'SIETCH138', detail: `${command} ${end}` }];
  if (!started && options.env['OTEL_SDK_DISABLED']?.toLowerCase() !== 'true')
    findings.push({ code: 'SIETCH134', detail: [command, ...args].join(' ') });
  if (!stopped && end !== 'exit code 0') findings.push({ code: 'SIETCH135', detail: end });
  return findings;
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

async function readLines(stream: Readable, read: (line: string) => void): Promise<void> {
  for await (const line of createInterface({ input: stream })) read(line);
}

/** What the process says begins with the cause as the table has it, where it comes from there. */
function withoutCause(code: CauseCode, message: string): string {
  const { what } = causes[code];
  return message.startsWith(what) ? message.slice(what.length).replace(/^[:;,] /, '') : message;
}
