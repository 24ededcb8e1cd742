// The configuration of a process: its environment or, in the place of most of it, the file that
// OTEL_CONFIG_FILE names.
import { join, resolve } from 'node:path';
import type { Environment } from '../config/read.js';
import type { Tables } from './distribution-section.js';
import type { FileConfiguration } from './file-configuration.js';

const VARIABLE = 'OTEL_CONFIG_FILE';
const DEPRECATED = 'OTEL_EXPERIMENTAL_CONFIG_FILE';
/**
 * Variables of what the standard part of a file says. With a file they are ignored, as the
 * specification has it, except where the file refers to them.
 */
const STANDARD =
  /^OTEL_(LOG_LEVEL|SERVICE_NAME|RESOURCE_ATTRIBUTES|PROPAGATORS|(TRACES|METRICS|LOGS|METRIC_EXPORT|EXPORTER|BSP|BLRP|SPAN)_|((LOGRECORD|EVENT|LINK)_)?ATTRIBUTE_)/;
/** What the doctor sets for the app that it runs. */
const DOCTORS = ['SIETCH_OTEL_BANNER', 'SIETCH_OTEL_DIAGNOSE_AFTER_MS', 'SIETCH_OTEL_DIAGNOSE_ALL', 'OTEL_LOG_LEVEL'];
const MAX_NAMES = 20;

export interface ConfigurationFile extends FileConfiguration {
  /** Absolute. */
  readonly location: string;
}

export interface Configuration {
  /** The variables that configure the distribution, whoever set them. */
  readonly env: Environment;
  readonly file: ConfigurationFile | undefined;
  /** Lines for wrong settings. */
  readonly problems: readonly string[];
  /** Names of variables of the process that the file overrides. */
  readonly overridden: readonly string[];
  /** Why the file cannot be used. Nothing is to start then. */
  readonly failure: string | undefined;
}

/** Never throws. @param env as it is when the process starts */
export function readConfiguration(env: Environment, tables: Tables): Configuration {
  const location = locationOf(env);
  if (location === undefined) return { env, file: undefined, problems: [], overridden: [], failure: undefined };
  const problems = env[VARIABLE]?.trim() ? [] : [`${DEPRECATED}: the name is deprecated; use ${VARIABLE}`];
  const none = { env, file: undefined, problems, overridden: [] };
  try {
    const result = loadReader().readConfigurationFile(location, env, tables);
    if ('failure' in result) return { ...none, failure: `${location}: ${result.failure}` };
    const file = { ...result.file, location };
    return { env: environmentOf(env, file), file, problems, overridden: overriddenBy(file, env), failure: undefined };
  } catch (error) {
    return { ...none, failure: `${location}: ${error instanceof Error ? error.name : typeof error}` };
  }
}

/** The file that variables name, relative to the current folder. */
function locationOf(env: Environment): string | undefined {
  const name = env[VARIABLE]?.trim() || env[DEPRECATED]?.trim();
  return name ? resolve(name) : undefined;
}

/** What reads YAML: a file of its own, which only those load who have a configuration file. */
export function loadReader(): typeof import('./configuration-file.js') {
  return require(join(__dirname, 'configuration-file.js'));
}

export function environmentOf(env: Environment, { values }: FileConfiguration): Environment {
  const kept = Object.entries(env).filter(([name]) => !STANDARD.test(name));
  const merged = Object.fromEntries([...kept, ...[...values].map(([name, { text }]) => [name, text] as const)]);
  return { ...merged, ...overridesOf(env) };
}

/** What works beside any file: the switch for emergencies, and the doctor's questions. */
function overridesOf(env: Environment): Environment {
  const isDisabled = env['OTEL_SDK_DISABLED']?.trim().toLowerCase() === 'true';
  return {
    ...(isDisabled ? { OTEL_SDK_DISABLED: 'true' } : {}),
    ...(isAskedByDoctor(env) ? Object.fromEntries(DOCTORS.map((name) => [name, env[name]])) : {}),
  };
}

function isAskedByDoctor(env: Environment): boolean {
  return env['SIETCH_OTEL_DIAGNOSE_ALL']?.trim().toLowerCase() === 'on';
}

function overriddenBy({ values, references }: FileConfiguration, env: Environment): string[] {
  const names = Object.keys(env).filter((name) => {
    if ((env[name] ?? '').trim() === '' || name === 'OTEL_SDK_DISABLED') return false;
    if (isAskedByDoctor(env) && DOCTORS.includes(name)) return false;
    const text = values.get(name)?.text;
    return STANDARD.test(name) ? !references.has(name) && text !== env[name] : text !== undefined && text !== env[name];
  });
  return names.length > MAX_NAMES ? [...names.slice(0, MAX_NAMES), `${names.length - MAX_NAMES} more`] : names;
}
