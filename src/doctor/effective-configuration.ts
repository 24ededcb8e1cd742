// The effective configuration: every setting with its value and where that comes from, the
// configuration file included. Secrets are not in it.
import { settingsTables } from '../catalog/settings-tables.js';
import type { Environment } from '../config/read.js';
import type { Setting } from '../config/setting.js';
import { snakeCase } from '../config/snake-case.js';
import { type Configuration, readConfiguration } from '../declarative/configuration.js';
import { checkSettings } from './environment-checks.js';

export interface EffectiveSetting {
  readonly section: string;
  readonly name: string;
  readonly variable: string;
  readonly value: string;
  /** `default`, `environment`, or the place in the file, `line:column path`. */
  readonly source: string;
}

export interface EffectiveConfiguration {
  readonly file: string | undefined;
  /** Why the file cannot be used; there are no settings then, since nothing starts. */
  readonly failure: string | undefined;
  readonly settings: readonly EffectiveSetting[];
  /** What is not understood, in the file and elsewhere. */
  readonly problems: readonly string[];
}

const REDACTED = '[REDACTED]';
/** Variables that no table has: one for each signal. */
const MORE = /^OTEL_(EXPORTER_OTLP_(TRACES|METRICS|LOGS)|LOGRECORD)_/;

/** @param env of a process as it would start; what `start()` is given in code is not known here */
export function effectiveConfiguration(env: Environment): EffectiveConfiguration {
  const configuration = readConfiguration(env, settingsTables);
  const { file, failure, problems, overridden } = configuration;
  if (failure !== undefined) return { file: undefined, failure, settings: [], problems };
  const overrides = overridden.map((name) => `${name}: the file overrides it`);
  return {
    file: file?.location,
    failure,
    settings: [...tableSettings(configuration), ...moreSettings(configuration), ...fileParts(configuration)],
    problems: [...(file?.reports ?? []), ...problems, ...overrides, ...checkSettings(configuration.env)],
  };
}

function tableSettings(configuration: Configuration): EffectiveSetting[] {
  return Object.entries(settingsTables).flatMap(([section, table]) =>
    Object.entries<Setting<unknown>>(table).map(([key, setting]) => {
      const raw = configuration.env[setting.env]?.trim() ?? '';
      const isUsed = raw !== '' && setting.parse(raw) !== undefined;
      const value = isUsed ? shown(raw, setting.secret) : setting.defaultText;
      return { section, name: snakeCase(key), variable: setting.env, value, source: sourceOf(configuration, setting.env, isUsed) };
    }),
  );
}

function moreSettings(configuration: Configuration): EffectiveSetting[] {
  const known = new Set(Object.values(settingsTables).flatMap((table) => Object.values<Setting<unknown>>(table).map(({ env }) => env)));
  return Object.keys(configuration.env)
    .filter((name) => MORE.test(name) && !known.has(name) && configuration.env[name]?.trim())
    .map((name) => ({
      section: 'signals',
      name: name.replace(/^OTEL_(EXPORTER_OTLP_)?/, '').toLowerCase(),
      variable: name,
      value: shown(configuration.env[name] ?? '', /HEADERS$/.test(name)),
      source: sourceOf(configuration, name, true),
    }));
}

/** What only a file can say. */
function fileParts({ file }: Configuration): EffectiveSetting[] {
  if (file === undefined) return [];
  const part = (name: string, path: string, value: unknown) => ({
    section: 'file',
    name,
    variable: '',
    value: JSON.stringify(value),
    source: path,
  });
  return [
    ...(file.sampler === undefined ? [] : [part('sampler', 'tracer_provider.sampler', file.sampler)]),
    ...file.views.map((view, index) => part('view', `meter_provider.views[${index}]`, view)),
    ...Object.entries(file.resource).map(([name, value]) => part(name, 'resource.attributes', value)),
  ];
}

function sourceOf({ file }: Configuration, variable: string, isUsed: boolean): string {
  const place = file?.values.get(variable);
  if (place !== undefined) return `${place.line}:${place.column} ${place.path}`;
  return isUsed ? 'environment' : 'default';
}

/** URLs lose what may be a credential. */
function shown(value: string, isSecret: boolean | undefined): string {
  if (isSecret === true) return REDACTED;
  return value.replaceAll(/(\w:\/\/)[^/@\s]*@/g, `$1${REDACTED}@`).replaceAll(/(\w:\/\/[^?\s]*)\?\S*/g, `$1?${REDACTED}`);
}

/** As text, a line for each setting. */
export function printConfiguration({ file, failure, settings, problems }: EffectiveConfiguration): string {
  const head = failure ?? (file === undefined ? 'No configuration file: OTEL_CONFIG_FILE is not set.' : `Configuration file: ${file}`);
  const width = Math.max(0, ...settings.map(({ variable, name }) => (variable || name).length));
  const valueWidth = Math.min(40, Math.max(0, ...settings.map(({ value }) => value.length)));
  const sections = [...new Set(settings.map(({ section }) => section))].map((section) => {
    const rows = settings.filter((each) => each.section === section);
    const lines = rows.map((row) => `  ${(row.variable || row.name).padEnd(width)}  ${row.value.padEnd(valueWidth)}  ${row.source}`);
    return [section, ...lines].join('\n');
  });
  const faults = problems.length === 0 ? [] : [['Not as written:', ...problems.map((each) => `  ${each}`)].join('\n')];
  return `${[head, ...sections, ...faults].join('\n\n')}\n`;
}
