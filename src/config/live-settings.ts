// Settings that a changed configuration file changes while the process runs. Whoever reads such a
// setting at each use reads the field of its settings object as before; whoever has made something
// of it asks to be told.
import { type Environment, readSettings, type SettingsOptions } from './read.js';
import type { SettingsOf, SettingsTable } from './setting.js';

interface LiveTable {
  readonly table: SettingsTable;
  readonly values: object;
  readonly options: SettingsOptions<SettingsTable> | undefined;
}

const tables: LiveTable[] = [];
const listeners = new WeakMap<object, (() => void)[]>();

/**
 * As `readSettings`; what may change while the process runs changes in the object that is returned.
 */
export function readLiveSettings<T extends SettingsTable>(
  table: T,
  env: Environment,
  options: SettingsOptions<T> | undefined,
  problems: string[],
): SettingsOf<T> {
  const values = readSettings(table, env, options, problems);
  if (Object.values(table).some(({ changesAtRuntime }) => changesAtRuntime === true)) tables.push({ table, values, options });
  return values;
}

/**
 * @param settings as they were read
 * @param listener is called after a change of any of them; it must not throw
 */
export function onSettingsChange(settings: object, listener: () => void): void {
  const known = listeners.get(settings);
  if (known === undefined) listeners.set(settings, [listener]);
  else known.push(listener);
}

/** The values before and after, as texts. */
export interface SettingChange {
  readonly from: string;
  readonly to: string;
}

/**
 * Reads the setting of a variable again and changes it, in every table that has it.
 * @returns undefined when it cannot change while the process runs
 */
export function changeSetting(variable: string, env: Environment): SettingChange | undefined {
  let change: SettingChange | undefined;
  for (const { table, values, options } of tables) {
    const [key, setting] = Object.entries(table).find(([, each]) => each.env === variable && each.changesAtRuntime === true) ?? [];
    if (key === undefined || setting === undefined) continue;
    const from: unknown = Reflect.get(values, key);
    const to: unknown = Reflect.get(readSettings({ [key]: setting }, env, options, []), key);
    Reflect.set(values, key, to);
    for (const listener of listeners.get(values) ?? []) listener();
    change = { from: textOf(from), to: textOf(to) };
  }
  return change;
}

function textOf(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return String(value) || 'none';
}
