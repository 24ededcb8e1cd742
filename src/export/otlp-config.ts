// OTEL_EXPORTER_OTLP_* for the HTTP protocols, read synchronously and without loading an exporter.
// Meaning as upstream's (otlp-exporter-base, getNodeHttpConfigurationFromEnvironment); a test
// compares the two.
import { resolve } from 'node:path';
import { parseKeyPairsIntoRecord } from '@opentelemetry/core';
import type { OtlpSignal } from '../config/otlp-signals.js';
import type { Environment } from '../config/read.js';
import { warn } from '../diagnose/diagnostics.js';
import { readRegularFile } from '../node/regular-file.js';
import type { HttpTarget } from './http-sender.js';

const DEFAULT_BASE = 'http://localhost:4318';
const DEFAULT_TIMEOUT_MS = 10_000;
const PATHS: Readonly<Record<OtlpSignal, string>> = { TRACES: 'v1/traces', METRICS: 'v1/metrics', LOGS: 'v1/logs' };

export function readOtlpHttpConfig(env: Environment, signal: OtlpSignal): HttpTarget {
  const read = <K extends string>(key: K, what: string) =>
    readFile(key, env, [`OTEL_EXPORTER_OTLP_${signal}_${what}`, `OTEL_EXPORTER_OTLP_${what}`]);
  return {
    url: readUrl(env, signal),
    headers: {
      ...parseKeyPairsIntoRecord(text(env, 'OTEL_EXPORTER_OTLP_HEADERS')),
      ...parseKeyPairsIntoRecord(text(env, `OTEL_EXPORTER_OTLP_${signal}_HEADERS`)),
    },
    timeoutMs:
      readTimeout(env, `OTEL_EXPORTER_OTLP_${signal}_TIMEOUT`) ?? readTimeout(env, 'OTEL_EXPORTER_OTLP_TIMEOUT') ?? DEFAULT_TIMEOUT_MS,
    gzip:
      (readCompression(env, `OTEL_EXPORTER_OTLP_${signal}_COMPRESSION`) ?? readCompression(env, 'OTEL_EXPORTER_OTLP_COMPRESSION')) ===
      'gzip',
    tls: {
      ...read('ca', 'CERTIFICATE'),
      ...read('cert', 'CLIENT_CERTIFICATE'),
      ...read('key', 'CLIENT_KEY'),
    },
  };
}

function readUrl(env: Environment, signal: OtlpSignal): string {
  const own = text(env, `OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`);
  const ownUrl = own === undefined ? undefined : parseUrl(`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`, own);
  if (ownUrl !== undefined) return ownUrl;
  const base = text(env, 'OTEL_EXPORTER_OTLP_ENDPOINT');
  const path = PATHS[signal];
  const url =
    base === undefined ? undefined : parseUrl('OTEL_EXPORTER_OTLP_ENDPOINT', base.endsWith('/') ? base + path : `${base}/${path}`);
  return url ?? `${DEFAULT_BASE}/${path}`;
}

function parseUrl(name: string, value: string): string | undefined {
  try {
    const url = new URL(value);
    if (url.protocol === 'http:' || url.protocol === 'https:') return url.toString();
  } catch {
    // Said below.
  }
  const general = 'OTEL_EXPORTER_OTLP_ENDPOINT';
  warn('SIETCH093', `${name}; using ${name === general ? DEFAULT_BASE : `${general}, or ${DEFAULT_BASE} without it`}`);
  return undefined;
}

function readTimeout(env: Environment, name: string): number | undefined {
  const value = Number(text(env, name) ?? Number.NaN);
  return Number.isFinite(value) && value > 0 ? value : undefined;
}

function readCompression(env: Environment, name: string): string | undefined {
  const value = text(env, name);
  const word = value?.toLowerCase();
  if (value === undefined || word === 'gzip' || word === 'none') return word;
  warn('SIETCH002', `${name}: expected gzip or none, got ${JSON.stringify(value.slice(0, 60))}; using none`);
  return undefined;
}

/** The file that the first of the variables names. */
function readFile<K extends string>(key: K, env: Environment, variables: readonly string[]): { readonly [P in K]?: Buffer } {
  const variable = variables.find((name) => text(env, name) !== undefined);
  if (variable === undefined) return {};
  try {
    // The type system widens a computed key to string; there is just this one.
    return { [key]: readRegularFile(resolve(process.cwd(), text(env, variable) ?? '')) } as { readonly [P in K]?: Buffer };
  } catch {
    warn('SIETCH094', `${variable}; going on without it`);
    return {};
  }
}

function text(env: Environment, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === '' ? undefined : value;
}
