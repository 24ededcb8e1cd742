// The environment that configures the distribution: that of the process, or what a configuration
// file makes of it. `process.env` stays the app's.
import type { Environment } from './read.js';

const OURS = /^(SIETCH_)?OTEL_/;

let configured: Environment | undefined;

/** For as long as the process runs. */
export function useEnvironment(env: Environment): void {
  configured = env;
}

export function environment(): Environment {
  return configured ?? process.env;
}

/** Whether it is other than `process.env`. */
export function isConfiguredByFile(): boolean {
  return configured !== undefined;
}

/**
 * Calls `work`, code of OpenTelemetry's own, while `process.env` is the environment that configures
 * the distribution. The app, which does not run meanwhile, finds its own.
 */
export function asProcessEnvironment<Result>(work: () => Result): Result {
  if (configured === undefined) return work();
  const own = configured;
  const replaced = new Map<string, string | undefined>();
  for (const name of new Set([...Object.keys(process.env), ...Object.keys(own)])) {
    if (!OURS.test(name) || process.env[name] === own[name]) continue;
    replaced.set(name, process.env[name]);
    put(name, own[name]);
  }
  configured = undefined;
  try {
    return work();
  } finally {
    configured = own;
    for (const [name, value] of replaced) put(name, value);
  }
}

function put(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}
