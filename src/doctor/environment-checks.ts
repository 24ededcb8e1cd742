// The checks of the environment variables. Each looks for one cause.

import { settingsTables } from '../catalog/settings-tables.js';
import { otelSettings } from '../config/core-settings.js';
import { wrongHeaders } from '../config/otlp-headers.js';
import { OTLP_SIGNALS, type OtlpSignal } from '../config/otlp-signals.js';
import { type Environment, readSettings } from '../config/read.js';
import { misspeltNames, unknownNames } from '../config/unknown-names.js';
import { unsupportedVariables } from '../config/unsupported-variables.js';
import type { Finding } from '../diagnose/codes.js';
import { otlpTarget } from '../export/exporters.js';
import { isIntegrationOn } from '../integrations/selection.js';
import { recorderSettings } from '../sdk/recorder/settings.js';

type Check = (env: Environment, serviceName: string) => Finding | readonly Finding[] | undefined;

const SAMPLERS = ['always_on', 'always_off', 'traceidratio'].flatMap((name) => [name, `parentbased_${name}`]);
const LONG_DELAY_MS = 60_000;

const checks: readonly Check[] = [
  wrongValues,
  (env) => (env['OTEL_SDK_DISABLED']?.trim().toLowerCase() === 'true' ? { code: 'SIETCH100' } : undefined),
  (env) => (list(env['OTEL_TRACES_EXPORTER']).includes('none') ? { code: 'SIETCH101' } : undefined),
  sampler,
  wrongPort,
  (env) => {
    const endpoint = env['OTEL_EXPORTER_OTLP_ENDPOINT']?.trim() ?? '';
    const path = URL.canParse(endpoint) ? new URL(endpoint).pathname : '';
    return /\/v1\/(traces|metrics|logs)\/?$/.test(path) ? { code: 'SIETCH106', detail: path } : undefined;
  },
  signalWithoutPath,
  everythingOff,
  (env) => wrongHeaders(env).map((detail) => ({ code: 'SIETCH155', detail })),
  (env) => unsupportedVariables(env).map((detail) => ({ code: 'SIETCH275', detail })),
  proxy,
  (env) => {
    const names = list(env['OTEL_PROPAGATORS']);
    return names.length > 0 && !names.includes('tracecontext') ? { code: 'SIETCH122', detail: names.join(',') } : undefined;
  },
  (_env, serviceName) => (serviceName.startsWith('unknown_service') ? { code: 'SIETCH123' } : undefined),
  (env) =>
    Number(env['OTEL_BSP_SCHEDULE_DELAY'] ?? 0) >= LONG_DELAY_MS
      ? { code: 'SIETCH124', detail: `${env['OTEL_BSP_SCHEDULE_DELAY']} ms` }
      : undefined,
  (env) => {
    const off = env['SIETCH_OTEL_SHUTDOWN_MS']?.trim() === '0' ? 'SIETCH_OTEL_SHUTDOWN_MS=0' : undefined;
    const deaf = /^(off|false)$/i.test(env['SIETCH_OTEL_SIGNALS']?.trim() ?? '') ? 'SIETCH_OTEL_SIGNALS=off' : undefined;
    return off === undefined && deaf === undefined ? undefined : { code: 'SIETCH125', detail: off ?? deaf ?? '' };
  },
];

/** @param serviceName as it would be in the app. */
export function checkEnvironment(env: Environment, serviceName: string): Finding[] {
  return checks.flatMap((check) => check(env, serviceName) ?? []);
}

/** OTLP transport of a signal. */
export function protocolOf(env: Environment, signal: OtlpSignal): string {
  return env[`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`]?.trim() || env['OTEL_EXPORTER_OTLP_PROTOCOL']?.trim() || 'http/protobuf';
}

function wrongValues(env: Environment): Finding[] {
  return checkSettings(env).map((detail) => ({ code: 'SIETCH002', detail }));
}

/** One line for each wrong value and each unknown name. */
export function checkSettings(env: Environment): string[] {
  const problems: string[] = [];
  const names: string[] = [];
  for (const table of Object.values(settingsTables)) {
    readSettings(table, env, undefined, problems);
    names.push(...Object.values(table).map((setting) => setting.env));
  }
  return [...problems, ...unknownNames(env, names), ...misspeltNames(env, names)];
}

function sampler(env: Environment): Finding | undefined {
  const name = env['OTEL_TRACES_SAMPLER']?.trim();
  if (name === undefined || name === '') return undefined;
  if (!SAMPLERS.includes(name)) return { code: 'SIETCH103', detail: `OTEL_TRACES_SAMPLER=${name}` };
  if (name.endsWith('always_off')) return sampledOut(env, `OTEL_TRACES_SAMPLER=${name}`);
  if (!name.endsWith('traceidratio')) return undefined;
  const text = env['OTEL_TRACES_SAMPLER_ARG']?.trim() ?? '';
  const ratio = text === '' ? Number.NaN : Number(text);
  if (!(ratio >= 0 && ratio <= 1)) return { code: 'SIETCH103', detail: `OTEL_TRACES_SAMPLER_ARG=${text}` };
  return ratio === 0 ? sampledOut(env, 'OTEL_TRACES_SAMPLER_ARG=0') : undefined;
}

/** What the sampler drops, the flight recorder takes. */
function sampledOut(env: Environment, detail: string): Finding | undefined {
  return readSettings(recorderSettings, env, undefined, []).on ? undefined : { code: 'SIETCH102', detail };
}

function wrongPort(env: Environment): Finding | undefined {
  const protocol = protocolOf(env, 'TRACES');
  const target = otlpTarget(env, 'TRACES', protocol);
  const port = URL.canParse(target) ? new URL(target).port : '';
  if (protocol !== 'grpc' && port === '4317') return { code: 'SIETCH104', detail: target };
  return protocol === 'grpc' && port === '4318' ? { code: 'SIETCH105', detail: target } : undefined;
}

function signalWithoutPath(env: Environment): Finding[] {
  return OTLP_SIGNALS.flatMap((signal) => {
    const name = `OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`;
    const value = env[name]?.trim() ?? '';
    if (protocolOf(env, signal) === 'grpc' || !URL.canParse(value) || new URL(value).pathname !== '/') return [];
    return [{ code: 'SIETCH107', detail: `${name}=${new URL(value).origin}` } as const];
  });
}

function everythingOff(env: Environment): Finding | undefined {
  const { enabled, disabledInstrumentations } = readSettings(otelSettings, env, undefined, []);
  const {
    core: _core,
    context: _context,
    metrics: _metrics,
    recorder: _recorder,
    otel: _otel,
    sdk: _sdk,
    ...integrations
  } = settingsTables;
  const on = Object.keys(integrations).some((name) => isIntegrationOn(name, { enabled, disabledInstrumentations }, env));
  return on ? undefined : { code: 'SIETCH109' };
}

/** Exports go straight to the collector, as upstream's do over HTTP. */
function proxy(env: Environment): Finding | undefined {
  const target = otlpTarget(env, 'TRACES', protocolOf(env, 'TRACES'));
  const name = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'].find((each) => (env[each] ?? '') !== '');
  return name === undefined || isLoopback(target) ? undefined : { code: 'SIETCH121', detail: `${name}, collector at ${target}` };
}

/** This machine, or in a container the container itself. */
function isLoopback(target: string): boolean {
  return URL.canParse(target) && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(target).hostname);
}

function list(text: string | undefined): string[] {
  return (text ?? '').split(',').flatMap((word) => word.trim() || []);
}
