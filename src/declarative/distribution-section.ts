// `distribution: sietch:` of a configuration file: our own settings, by section and key of the
// tables of settings, in snake case.
import { nearestKey } from '../config/options.js';
import type { Setting, SettingsTable } from '../config/setting.js';
import { snakeCase } from '../config/snake-case.js';
import type { ConfigMap, ConfigValue } from './config-value.js';
import type { Variables } from './variables.js';

export type Tables = Readonly<Record<string, SettingsTable>>;

const NAME = 'sietch';
/**
 * Read before the file is: which threads are observed, and how the distribution itself is loaded.
 */
const TOO_EARLY: readonly string[] = ['SIETCH_OTEL_WORKER_THREADS', 'SIETCH_OTEL_CODE_CACHE', 'OTEL_CONFIG_FILE'];
const SHOWN_LENGTH = 60;

/** Sections of other distributions are theirs. */
export function readDistribution(map: ConfigMap, tables: Tables, out: Variables): void {
  const sections = map.get(NAME)?.map();
  if (sections === undefined) {
    for (const key of map.keys().filter((each) => nearestKey(each, [NAME]) !== undefined)) map.get(key)?.ignoreKind(key, [NAME]);
    return;
  }
  for (const [name, table] of Object.entries(tables)) {
    const section = sections.get(name)?.map();
    if (section === undefined) continue;
    for (const [key, setting] of Object.entries(table)) readSetting(section.get(snakeCase(key)), setting, out);
    section.end();
  }
  sections.end();
}

function readSetting(value: ConfigValue | undefined, setting: Setting<unknown>, out: Variables): void {
  if (value === undefined) return;
  if (TOO_EARLY.includes(setting.env)) {
    value.ignore(`it is read before this file is, so it is ignored; set ${setting.env}`);
    return;
  }
  const text = value.isNull ? '' : textOf(value);
  // Empty is unset, so that the default is used.
  if (text !== undefined) out.set(setting.env, value, text === '' || isRight(value, setting, text) ? text : '');
}

/** Lists are joined as their variables are. */
function textOf(value: ConfigValue): string | undefined {
  if (!value.isList) return value.scalar()?.text.trim();
  return value
    .list()
    .flatMap((item) => item.text()?.trim() ?? [])
    .join(',');
}

/** Reports a wrong value, or wrong parts of it. */
function isRight(value: ConfigValue, setting: Setting<unknown>, text: string): boolean {
  const isUsed = setting.parse(text) !== undefined;
  const unknown = isUsed ? (setting.unknownIn?.(text) ?? []) : [];
  if (isUsed && unknown.length === 0) return true;
  // What a variable put there may be a secret whatever the setting is.
  const written = value.isList ? 'a list' : (value.scalar()?.written ?? '');
  const got = setting.secret === true ? '[REDACTED]' : JSON.stringify(written.slice(0, SHOWN_LENGTH));
  value.ignore(`expected ${setting.expected}, got ${got}; using ${isUsed ? 'the others' : setting.defaultText || 'none'}`);
  return isUsed;
}
