// What happens to an outgoing request. The exporters' own requests are left alone.
import type { RequestOptions } from 'node:http';
import { type Attributes, context } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import type { HttpInstrumentationConfig } from '@opentelemetry/instrumentation-http';
import type { UndiciInstrumentationConfig } from '@opentelemetry/instrumentation-undici';
import { ATTR_URL_FULL, ATTR_URL_QUERY } from '@opentelemetry/semantic-conventions';
import type { SettingsOf } from '../config/setting.js';
import { queryOf, redactQuery, redactUrl } from './redacted-url.js';
import type { httpSettings } from './settings.js';

const NO_ATTRIBUTES: Attributes = {};

/** For `http.request` and `https.request`. */
export function clientHooks(settings: SettingsOf<typeof httpSettings>): HttpInstrumentationConfig {
  const keep = new Set(settings.queryValues);
  return {
    // Without this, suppressed requests make no spans but are measured.
    ignoreOutgoingRequestHook: () => isTracingSuppressed(context.active()),
    startOutgoingSpanHook: (options) =>
      options.path?.includes('?') ? { [ATTR_URL_FULL]: redactUrl(fullUrl(options), keep) } : NO_ATTRIBUTES,
  };
}

/** For `fetch` and undici. */
export function undiciHooks(settings: SettingsOf<typeof httpSettings>): UndiciInstrumentationConfig {
  const keep = new Set(settings.queryValues);
  return {
    ignoreRequestHook: () => isTracingSuppressed(context.active()),
    startSpanHook({ origin, path }) {
      const query = queryOf(path);
      if (query === undefined) return NO_ATTRIBUTES;
      return { [ATTR_URL_FULL]: redactUrl(`${origin}${path}`, keep), [ATTR_URL_QUERY]: redactQuery(query, keep) };
    },
  };
}

/** As upstream builds `url.full` of the options, without credentials. */
function fullUrl({ protocol, host, hostname, port, path }: RequestOptions): string {
  const name = host ?? hostname ?? 'localhost';
  const withPort = name.includes(':') || !port || Number(port) === 80 || Number(port) === 443 ? name : `${name}:${port}`;
  return `${protocol ?? 'http:'}//${withPort}${path ?? '/'}`;
}
