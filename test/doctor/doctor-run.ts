// Runs `sietch-otel doctor` as people do.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, type Exit, runApp } from '../support/app.ts';
import { ROOT } from '../support/checkout.ts';

/** Undefined takes a variable away. */
export type Env = Readonly<Record<string, string | undefined>>;

export interface Told {
  readonly code: string;
  readonly detail?: string;
  readonly remedy: string;
}

const API_FOLDER = join(ROOT, 'node_modules/@opentelemetry/api');
/** For the text of an app. */
export const API = JSON.stringify(API_FOLDER);
/** What a healthy app does: something that is traced. */
export const WORK = `require(${API}).trace.getTracer('app').startSpan('work').end();\n`;
export const IMPORT_API = `import ${JSON.stringify(join(API_FOLDER, 'build/src/index.js'))};`;

/** Apps end by themselves, long before. */
const WATCH_S = '20';
const TIMEOUT_MS = 40_000;

export const PRELOADED = `--require ${join(ROOT, 'dist/register.js')}`;

/** As people have it, but for a bound at the end that is long enough for a busy machine. */
const ENV: Env = {
  // As people start their apps. Without it the doctor says that only it preloads.
  NODE_OPTIONS: PRELOADED,
  OTEL_SERVICE_NAME: 'shop',
  OTEL_BSP_SCHEDULE_DELAY: undefined,
  OTEL_EXPORTER_OTLP_PROTOCOL: undefined,
  SIETCH_OTEL_SHUTDOWN_MS: '20000',
};

/** What the doctor finds; `command` is what stands after `--`, none for the environment and the collector alone. */
export async function doctor(command: readonly string[] | undefined, env: Env): Promise<readonly Told[]> {
  const { stdout } = await runDoctor(['--json', ...(command === undefined ? [] : ['--for', WATCH_S, '--', ...command])], env);
  return JSON.parse(stdout);
}

export function runDoctor(args: readonly string[], env: Env): Promise<Exit> {
  return startDoctor(args, env).waitForExit(TIMEOUT_MS);
}

export function startDoctor(args: readonly string[], env: Env): App {
  const options = { args: ['doctor', ...args], preload: 'none', receiver: { url: 'http://127.0.0.1:1' }, env: { ...ENV, ...env } } as const;
  return runApp('dist/cli/main.js', options);
}

/** Makes a folder with these files, below node_modules too. */
export function makeFolder(files: Readonly<Record<string, string>>): string {
  const made = mkdtempSync(join(tmpdir(), 'sietch-otel-doctor-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(made, name, '..'), { recursive: true });
    writeFileSync(join(made, name), text);
  }
  return made;
}

export const codesOf = (told: readonly Told[]): string[] => told.map(({ code }) => code);
