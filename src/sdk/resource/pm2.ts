// Reads what PM2 keeps about the app, which it runs inside a program of its own. In its cluster
// mode that program also gets the app's whole environment in one variable, and unpacks it only
// after the preloads.

/** A process in PM2's cluster mode. */
export interface Pm2Process {
  /** Name of the application. */
  readonly app: string;
  /** Number of this process among those of the application; one that is restarted keeps it. */
  readonly number: string;
  /** Path of the app's own program. */
  readonly script: string | undefined;
  /** The variables that become `process.env`, beside settings of PM2's own. */
  readonly variables: Readonly<Record<string, unknown>>;
}

type Environment = Record<string, string | undefined>;

/**
 * Reads `pm2_env`, which PM2's cluster mode alone sets, and takes away before the app runs.
 * `undefined` elsewhere.
 * @see https://github.com/Unitech/pm2/blob/master/lib/God/ClusterMode.js
 */
export function readPm2Process(env: Readonly<Environment>): Pm2Process | undefined {
  const text = env['pm2_env'];
  if (text === undefined) return undefined;
  try {
    const settings: unknown = JSON.parse(text);
    if (typeof settings !== 'object' || settings === null) return undefined;
    const variables: Pm2Process['variables'] = { ...settings };
    const { name, NODE_APP_INSTANCE: instance, pm_id: id, pm_exec_path: script } = variables;
    return {
      app: String(name ?? ''),
      number: String(instance ?? id ?? process.pid),
      script: typeof script === 'string' ? script : undefined,
      variables,
    };
  } catch {
    return undefined;
  }
}

/**
 * Sets the variables that configure us as PM2 itself does a moment later: for the app `process.env`
 * is what it is without us.
 * @see https://github.com/Unitech/pm2/blob/master/lib/ProcessContainer.js
 */
export function unpackPm2Variables(env: Environment): void {
  for (const [name, value] of Object.entries(readPm2Process(env)?.variables ?? {})) {
    if (/^(OTEL|SIETCH_OTEL)_/.test(name) && typeof value !== 'object') env[name] = String(value);
  }
}

/**
 * The program that node was told to run; under PM2, in both of its modes, the one that PM2 was told
 * to run.
 */
export function programPath(env: Readonly<Environment> = process.env, [, script] = process.argv): string | undefined {
  if (script === undefined || !/[\\/]ProcessContainer(Fork)?\.js$/.test(script)) return script;
  return readPm2Process(env)?.script ?? env['pm_exec_path'] ?? script;
}
