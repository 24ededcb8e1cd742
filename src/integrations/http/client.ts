// Hooks for outgoing requests. The exporters' own requests are left alone.
import type { OutgoingHttpHeaders, RequestOptions } from 'node:http';
import { type Attributes, context, type Histogram } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import type { HttpInstrumentationConfig } from '@opentelemetry/instrumentation-http';
import type { UndiciInstrumentationConfig, UndiciRequest } from '@opentelemetry/instrumentation-undici';
import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD_ORIGINAL,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_URL_FULL,
  ATTR_URL_PATH,
  ATTR_URL_QUERY,
} from '@opentelemetry/semantic-conventions';
import type { SettingsOf } from '../../config/setting.js';
import { contextConfiguration, traceIdPropagator } from '../../context/index.js';
import { isRecorderOn } from '../../context/trace-recording.js';
import { hearKept, hearKeptByFetch } from './kept-answer.js';
import { redactUrl } from './redacted-url.js';
import type { httpSettings } from './settings.js';

const NO_ATTRIBUTES: Attributes = {};
/**
 * Takes out what upstream's undici writes and the conventions do not have: `url.full` has path and
 * query.
 */
const OF_OTHER_METHOD: Attributes = { [ATTR_URL_PATH]: undefined, [ATTR_URL_QUERY]: undefined };
/** And the original of a method that is as it was. */
const OF_KNOWN_METHOD: Attributes = { ...OF_OTHER_METHOD, [ATTR_HTTP_REQUEST_METHOD_ORIGINAL]: undefined };
const KNOWN_METHODS: ReadonlySet<string> = new Set('GET HEAD POST PUT PATCH DELETE OPTIONS TRACE CONNECT QUERY'.split(' '));

/** For a client, the semantic conventions count the statuses from here on as errors. */
const FIRST_ERROR = 400;

/** The histogram, with `error.type` where the status is an error: upstream leaves it out. */
export function withErrorTypes(histogram: Pick<Histogram, 'record'>): Pick<Histogram, 'record'> {
  return {
    record(value, attributes, ctx) {
      const status = attributes?.[ATTR_HTTP_RESPONSE_STATUS_CODE];
      const isError = typeof status === 'number' && status >= FIRST_ERROR && attributes?.[ATTR_ERROR_TYPE] === undefined;
      histogram.record(value, isError ? { ...attributes, [ATTR_ERROR_TYPE]: String(status) } : attributes, ctx);
    },
  };
}

/** For `http.request` and `https.request`. */
export function clientHooks(settings: SettingsOf<typeof httpSettings>): HttpInstrumentationConfig {
  const keep = new Set(settings.queryValues);
  return {
    ignoreOutgoingRequestHook(options) {
      // Upstream copies headers as if they were always an object: those of an array would go out
      // named 0, 1, 2.
      if (Array.isArray(options.headers)) options.headers = headersOf(options.headers);
      // Without this, suppressed requests make no spans but are measured.
      return isTracingSuppressed(context.active());
    },
    applyCustomAttributesOnSpan(span, _request, { statusCode = 0 }) {
      if (statusCode >= FIRST_ERROR) span.setAttribute(ATTR_ERROR_TYPE, String(statusCode));
    },
    ...(isRecorderOn() ? { responseHook: hearKept } : {}),
    startOutgoingSpanHook: (options) =>
      options.path?.includes('?') ? { [ATTR_URL_FULL]: redactUrl(fullUrl(options), keep) } : NO_ATTRIBUTES,
  };
}

/** For `fetch` and undici. */
export function undiciHooks(settings: SettingsOf<typeof httpSettings>): UndiciInstrumentationConfig {
  const keep = new Set(settings.queryValues);
  return {
    ignoreRequestHook: () => isTracingSuppressed(context.active()),
    startSpanHook({ origin, path, method }) {
      const changes = KNOWN_METHODS.has(method) ? OF_KNOWN_METHOD : OF_OTHER_METHOD;
      return path.includes('?') ? { ...changes, [ATTR_URL_FULL]: redactUrl(`${origin}${path}`, keep) } : changes;
    },
    responseHook(span, { response }) {
      if (isRecorderOn()) hearKeptByFetch(span, response);
    },
    // Headers are added to those of the app, not put in their place: one of its own would go out
    // beside ours.
    requestHook(_span, request) {
      const { header } = contextConfiguration();
      if (header !== undefined && hasHeader(request.headers, header)) traceIdPropagator.skipNext();
    },
  };
}

/** As upstream builds `url.full` of the options, without credentials. */
function fullUrl({ protocol, host, hostname, port, path }: RequestOptions): string {
  const name = host ?? hostname ?? 'localhost';
  const withPort = name.includes(':') || !port || Number(port) === 80 || Number(port) === 443 ? name : `${name}:${port}`;
  return `${protocol ?? 'http:'}//${withPort}${path ?? '/'}`;
}

/** Names and values in turn, as one object. */
function headersOf(list: readonly string[]): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = {};
  for (let i = 0; i + 1 < list.length; i += 2) {
    const name = list[i] ?? '';
    const value = list[i + 1] ?? '';
    const before = headers[name];
    headers[name] = before === undefined ? value : [...(Array.isArray(before) ? before : [String(before)]), value];
  }
  return headers;
}

/** undici 6 and later keep names and values in turn, undici 5 the text of the header lines. */
function hasHeader(headers: UndiciRequest['headers'], name: string): boolean {
  if (typeof headers === 'string') return `\r\n${headers.toLowerCase()}`.includes(`\r\n${name}:`);
  for (let i = 0; i < headers.length; i += 2) {
    const key = headers[i];
    if (typeof key === 'string' && key.length === name.length && key.toLowerCase() === name) return true;
  }
  return false;
}
