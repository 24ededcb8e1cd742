// What PM2 says to the processes it runs in its cluster mode.

export interface Pm2Instance {
  /** Name of the application. */
  readonly app: string;
  /** Number of this process among those of the application; one that is restarted keeps it. */
  readonly number: string;
}

/**
 * Reads `pm2_env`, which PM2's cluster mode alone sets, and takes away before the app runs. `undefined` elsewhere.
 * @see https://github.com/Unitech/pm2/blob/master/lib/God/ClusterMode.js
 */
export function readPm2Instance(env: Readonly<Record<string, string | undefined>>): Pm2Instance | undefined {
  const text = env['pm2_env'];
  if (text === undefined) return undefined;
  try {
    const settings: unknown = JSON.parse(text);
    if (typeof settings !== 'object' || settings === null) return undefined;
    const read = (...names: string[]) =>
      names.map((name) => Reflect.get(settings, name)).find((value) => value !== undefined && value !== null);
    return { app: String(read('name') ?? ''), number: String(read('NODE_APP_INSTANCE', 'pm_id') ?? process.pid) };
  } catch {
    return undefined;
  }
}
