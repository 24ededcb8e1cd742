// Zipkin: upstream's exporter translates the spans, and our sender sends them, with a deadline and
// at exit.
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import type { Environment } from '../config/read.js';
import { warn } from '../diagnose/diagnostics.js';
import { reportLostPort } from '../sdk/ports.js';
import { Encoder, spanUnder } from './encoder.js';
import type { HttpTarget } from './http-sender.js';

const DEFAULT_URL = 'http://localhost:9411/api/v2/spans';
const DEFAULT_TIMEOUT_MS = 10_000;
/** The request of ours where upstream's exporter has sent the spans itself. */
const NO_SPANS = Buffer.from('[]');

/** @param env corrected, see corrected-environment.ts */
export function readZipkinTarget(env: Environment): HttpTarget {
  const timeoutMs = Number(env['OTEL_EXPORTER_ZIPKIN_TIMEOUT']?.trim() || DEFAULT_TIMEOUT_MS);
  return { url: readUrl(env['OTEL_EXPORTER_ZIPKIN_ENDPOINT']?.trim()), headers: {}, timeoutMs, gzip: false, tls: {} };
}

/** The wrong one may hold a password. */
function readUrl(text: string | undefined): string {
  if (!text) return DEFAULT_URL;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return text;
  warn('SIETCH002', `OTEL_EXPORTER_ZIPKIN_ENDPOINT: expected an http or https URL; using ${DEFAULT_URL}`);
  return DEFAULT_URL;
}

export function createZipkinEncoder(exporter: SpanExporter = createExporter()): Encoder<ReadableSpan> {
  let translated: unknown;
  const canTakeOver = typeof Reflect.get(exporter, '_send') === 'function';
  if (!canTakeOver) reportLostPort('zipkinSend');
  Reflect.set(exporter, '_send', (spans: unknown, done: (result: { code: number }) => void) => {
    translated = spans;
    done({ code: 0 });
  });
  const serialize = (spans: ReadableSpan[]): Uint8Array | undefined => {
    translated = undefined;
    exporter.export(spans, () => {});
    if (!canTakeOver) return NO_SPANS;
    return translated === undefined ? undefined : Buffer.from(JSON.stringify(translated));
  };
  return new Encoder('application/json', serialize, () => undefined, spanUnder);
}

function createExporter(): SpanExporter {
  const { ZipkinExporter }: typeof import('@opentelemetry/exporter-zipkin') = require('@opentelemetry/exporter-zipkin');
  // Nothing is sent by it, but it reads the variable, and throws for a wrong one.
  return new ZipkinExporter({ url: DEFAULT_URL });
}
