// Zipkin: upstream's exporter translates the spans, and is kept from sending them: that is done here, with a deadline, and at exit.
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import type { Environment } from '../config/read.js';
import { Encoder, spanUnder } from './encoder.js';
import type { HttpTarget } from './http-sender.js';

const DEFAULT_URL = 'http://localhost:9411/api/v2/spans';
const TIMEOUT_MS = 10_000;

export function readZipkinTarget(env: Environment): HttpTarget {
  return { url: env['OTEL_EXPORTER_ZIPKIN_ENDPOINT']?.trim() || DEFAULT_URL, headers: {}, timeoutMs: TIMEOUT_MS, gzip: false, tls: {} };
}

export function createZipkinEncoder(): Encoder<ReadableSpan> {
  const { ZipkinExporter }: typeof import('@opentelemetry/exporter-zipkin') = require('@opentelemetry/exporter-zipkin');
  const exporter: SpanExporter = new ZipkinExporter();
  let translated: unknown;
  // Upstream's own way to send; its place in the exporter is not public, so the exact version is pinned and a test watches it.
  Reflect.set(exporter, '_send', (spans: unknown, done: (result: { code: number }) => void) => {
    translated = spans;
    done({ code: 0 });
  });
  const serialize = (spans: ReadableSpan[]): Uint8Array | undefined => {
    translated = undefined;
    exporter.export(spans, () => {});
    return translated === undefined ? undefined : Buffer.from(JSON.stringify(translated));
  };
  return new Encoder('application/json', serialize, () => undefined, spanUnder);
}
