// Reads a declarative configuration (file format 1): YAML into the settings that it stands for. A
// file of its own in dist/, loaded when OTEL_CONFIG_FILE is set.
import { LineCounter, parseDocument } from 'yaml';
import type { Environment } from '../config/read.js';
import { type ConfigMap, ConfigValue } from './config-value.js';
import { readDistribution, type Tables } from './distribution-section.js';
import { readProcessors } from './exporter-section.js';
import { ConfigurationError, type FileConfiguration } from './file-configuration.js';
import { readSource, readSourceLater } from './file-source.js';
import { readMeterProvider } from './metric-section.js';
import { Reading } from './reading.js';
import { readResource } from './resource-section.js';
import { readLimits, readTracerProvider } from './trace-section.js';
import { Variables } from './variables.js';

/**
 * The file format that is known. A newer minor one may hold what is not understood, a newer major
 * one may mean something else.
 */
const FORMAT = { major: 1, minor: 1 };
const SEVERITIES = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'].flatMap((name) => ['', '2', '3', '4'].map((more) => name + more));
const LEVELS: Readonly<Record<string, string>> = { trace: 'verbose', fatal: 'none' };
const PROPAGATORS = ['tracecontext', 'baggage', 'b3', 'b3multi', 'jaeger', 'none'];
const ATTRIBUTE_LIMITS = [
  ['attribute_value_length_limit', 'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT'],
  ['attribute_count_limit', 'OTEL_ATTRIBUTE_COUNT_LIMIT'],
] as const;
const LOG_LIMITS = [
  ['attribute_value_length_limit', 'OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT'],
  ['attribute_count_limit', 'OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT'],
] as const;

export type ReadResult = { readonly file: FileConfiguration } | { readonly failure: string };

/** Never throws. */
export function readConfigurationFile(path: string, env: Environment, tables: Tables): ReadResult {
  try {
    return { file: parseConfiguration(readSource(path), env, tables) };
  } catch (error) {
    return { failure: reasonOf(error) };
  }
}

/** Reads it beside the event loop. Never rejects. */
export async function readConfigurationFileLater(path: string, env: Environment, tables: Tables): Promise<ReadResult> {
  try {
    return { file: parseConfiguration(await readSourceLater(path), env, tables) };
  } catch (error) {
    return { failure: reasonOf(error) };
  }
}

/** Messages of other errors may hold what is in the file. */
function reasonOf(error: unknown): string {
  return error instanceof ConfigurationError
    ? error.message
    : `it cannot be parsed (${error instanceof Error ? error.name : typeof error})`;
}

/** @throws {ConfigurationError} for a text that cannot be used at all */
export function parseConfiguration(text: string, env: Environment, tables: Tables): FileConfiguration {
  const lines = new LineCounter();
  // Without the frames of "pretty" errors, which would show what is in the file.
  const document = parseDocument(text, { version: '1.2', schema: 'core', lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, col } = lines.linePos(error.pos[0]);
    throw new ConfigurationError(`${line}:${col} no valid YAML: ${error.message.split(/[:\n]/, 1)[0]} (${error.code})`);
  }
  const reading = new Reading(document, lines, env);
  return read(new ConfigValue(reading, document.contents, ''), reading, env, tables);
}

function read(whole: ConfigValue, reading: Reading, env: Environment, tables: Tables): FileConfiguration {
  const root = whole.map();
  checkFormat(root.get('file_format'));
  const out = new Variables();
  const disabled = root.get('disabled');
  out.set('OTEL_SDK_DISABLED', disabled, disabled?.boolean());
  const level = root.get('log_level');
  out.set('OTEL_LOG_LEVEL', level, levelOf(level?.choice(SEVERITIES)));
  readLimits(root.section('attribute_limits'), ATTRIBUTE_LIMITS, out);
  readPropagators(root.section('propagator'), out);
  const resource = readResource(root.section('resource'), env, out);
  const sampler = readTracerProvider(root.section('tracer_provider'), out);
  const views = readMeterProvider(root.section('meter_provider'), out);
  readLoggerProvider(root.section('logger_provider'), out);
  readDistribution(root.section('distribution'), tables, out);
  root.end();
  return { values: out.values, sampler, views, resource, reports: reading.reports(), references: reading.references };
}

function checkFormat(value: ConfigValue | undefined): void {
  const text = value?.text() ?? '';
  const [, major, minor] = /^(\d+)\.(\d+)(-.*)?$/.exec(text) ?? [];
  if (Number(major) !== FORMAT.major) {
    const got = text === '' ? 'none' : JSON.stringify(text.slice(0, 20));
    throw new ConfigurationError(`file_format: expected "${FORMAT.major}.0" or "${FORMAT.major}.${FORMAT.minor}", got ${got}`);
  }
  if (Number(minor) > FORMAT.minor) value?.ignore(`newer than ${FORMAT.major}.${FORMAT.minor}, some of it may not be understood`);
}

function levelOf(severity: string | undefined): string | undefined {
  const name = severity?.replace(/\d$/, '');
  return name === undefined ? undefined : (LEVELS[name] ?? name);
}

/** Without any, none is used: so the schema has it. */
function readPropagators(map: ConfigMap, out: Variables): void {
  const composite = map.get('composite');
  const list = map.get('composite_list');
  const single = (composite?.list() ?? []).map((each) => [each.kind()?.name ?? '', each] as const);
  const listed = (list?.text() ?? '').split(',').map((name) => [name.trim(), list] as const);
  const names = [...single, ...listed].flatMap(([name, value]) => {
    if (name !== '' && !PROPAGATORS.includes(name)) value?.ignoreKind(name, PROPAGATORS);
    return PROPAGATORS.includes(name) ? [name] : [];
  });
  map.end();
  const place = composite?.place ?? list?.place;
  if (place === undefined) out.putAbsent('OTEL_PROPAGATORS', map.place, 'none');
  else out.put('OTEL_PROPAGATORS', place, [...new Set(names)].join(',') || 'none');
}

function readLoggerProvider(map: ConfigMap, out: Variables): void {
  readProcessors(map, 'LOGS', 'BLRP', out);
  readLimits(map.section('limits'), LOG_LIMITS, out);
  map.end();
}
