// Reads a table of settings: option over environment over default. A wrong value is a problem to
// report, never a reason not to start.
import type { Setting, SettingsOf, SettingsTable } from './setting.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Options in code for a table; each overrides its variable. */
export type SettingsOptions<T extends SettingsTable> = { readonly [K in keyof T]?: SettingsOf<T>[K] | undefined };

const SHOWN_LENGTH = 60;

/**
 * Reads all settings of `table`.
 * @param problems receives one line for each wrong value: `NAME: expected …, got "…"; using …`
 */
export function readSettings<T extends SettingsTable>(
  table: T,
  env: Environment,
  options: SettingsOptions<T> | undefined,
  problems: string[],
): SettingsOf<T> {
  const values: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries(table)) {
    const option: unknown = options?.[key];
    values[key] = option === undefined ? fromEnvironment(setting, env, problems) : fromOption(key, setting, option, problems);
  }
  // The loop above gave every key of the table a value of that key's type; the type system cannot
  // follow the loop.
  return values as SettingsOf<T>;
}

function fromEnvironment(setting: Setting<unknown>, env: Environment, problems: string[]): unknown {
  const raw = env[setting.env]?.trim();
  if (raw === undefined || raw === '') return setting.default;
  const value = setting.parse(raw);
  if (value !== undefined) {
    reportUnknown(setting.env, setting, raw, value, problems);
    return value;
  }
  if (!setting.readBySdk) problems.push(problem(setting.env, setting, raw));
  return setting.default;
}

function fromOption(key: string, setting: Setting<unknown>, option: unknown, problems: string[]): unknown {
  const raw = Array.isArray(option) ? option.join(',') : String(option);
  const value = setting.parse(raw);
  if (value !== undefined) {
    reportUnknown(`start() option ${key}`, setting, raw, value, problems);
    return value;
  }
  problems.push(problem(`start() option ${key}`, setting, raw));
  return setting.default;
}

function reportUnknown(name: string, setting: Setting<unknown>, raw: string, value: unknown, problems: string[]): void {
  const unknown = setting.unknownIn?.(raw) ?? [];
  if (unknown.length === 0) return;
  const shown = JSON.stringify(unknown.join(',').slice(0, SHOWN_LENGTH));
  problems.push(`${name}: expected ${setting.expected}, left out ${shown}; using ${String(value)}`);
}

function problem(name: string, setting: Setting<unknown>, raw: string): string {
  const got = setting.secret ? '[REDACTED]' : raw.length > SHOWN_LENGTH ? `${raw.slice(0, SHOWN_LENGTH)}…` : raw;
  return `${name}: expected ${setting.expected}, got ${JSON.stringify(got)}; using ${setting.defaultText || 'none'}`;
}
